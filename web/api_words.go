package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/referent/referent"
	"github.com/referent/referent/access"
	"github.com/referent/referent/store"
	"github.com/referent/referent/wordlist"
)

// WordListInput says which words a list holds, and whose meetings they are for.
type WordListInput struct {
	Department string   `json:"department,omitempty" maxLength:"64" doc:"Whose meetings; absent: everybody's."`
	Body       string   `json:"body,omitempty" maxLength:"300" doc:"Whose meetings, compared without case and spaces; absent: any body's, and those of none." example:"Formannskapet"`
	Words      []string `json:"words" nullable:"false" maxItems:"500" doc:"Words, and names of several, of at most 60 characters: letters, digits, spaces, hyphens, full stops, apostrophes."`
	Version    string   `json:"version" maxLength:"64" doc:"Tells the list from every other one. Empty: there are no words."`
}

// WordList is a list as it is kept.
type WordList struct {
	WordListInput
	By      string    `json:"by,omitempty" doc:"Id of the user who wrote it last."`
	Changed time.Time `json:"changed,omitzero"`
}

func wordListOf(l *store.WordList) WordList {
	words := l.Words
	if words == nil {
		words = []string{}
	}
	return WordList{WordListInput{l.Department, l.Body, words, wordlist.Version(l.Words)}, l.By, l.Changed}
}

// errStaleWords is that a list is not the one any more that whoever changes it has read.
var errStaleWords = referent.E(referent.CodeConflict, "web: change word list", store.ErrConflict).
	WithHint("somebody has changed the list since you read it; read it again, and send its version")

func (s *Server) registerWords() {
	register(s, operation{method: http.MethodGet, path: "/words", id: "list-words", tag: "administration", needs: access.ManageWords,
		summary: "List the word lists that you keep", text: "Lists of all meetings are kept by those who manage the installation, a department's by its administrators. What the server's setting vocabulary holds is not among them."},
		func(ctx context.Context, _ *struct{}) (*struct{ Body []WordList }, error) {
			lists, _, err := s.keptWords(ctx)
			out := make([]WordList, len(lists))
			for i := range lists {
				out[i] = wordListOf(&lists[i])
			}
			return list(out, err)
		})
	register(s, operation{method: http.MethodPut, path: "/words", id: "put-words", tag: "administration", needs: access.ManageWords,
		summary: "Write a word list", text: "In the place of the one that has the version; with another one there, 409. A list without words is removed. Recordings that are recognised from now on are heard with it; transcripts that there are stay as they are."},
		func(ctx context.Context, in *struct{ Body WordListInput }) (*struct{ Body WordList }, error) {
			l, err := s.writeWords(ctx, in.Body.Department, in.Body.Body, strings.Join(in.Body.Words, "\n"), in.Body.Version)
			if err != nil {
				return nil, err
			}
			return &struct{ Body WordList }{wordListOf(l)}, nil
		})
}

// keptWords are the lists that whoever asks keeps, and the departments where they do; the first of these has the ID
// "" for those who keep the lists of all. CodeForbidden: they keep none.
func (s *Server) keptWords(ctx context.Context) (lists []store.WordList, in []MyDepartment, err error) {
	if !whoAsks(ctx).member.Somewhere(access.ManageWords) {
		return nil, nil, referent.E(referent.CodeForbidden, "web: list word lists", nil).WithHint("needs the permission %q in a department", access.ManageWords)
	}
	me, err := s.me(ctx)
	if err != nil {
		return nil, nil, err
	}
	if s.mayKeepWords(ctx, "") == nil {
		in = append(in, MyDepartment{})
	}
	in = append(in, me.placesFor(access.ManageWords)...)
	all, err := s.store.WordLists(ctx)
	for _, d := range in {
		for _, l := range all {
			if l.Department == d.ID {
				lists = append(lists, l)
			}
		}
	}
	return lists, in, err
}

// mayKeepWords fails unless whoever asks keeps the lists of the department, or with "" those of all.
func (s *Server) mayKeepWords(ctx context.Context, department string) error {
	if department != "" {
		return s.permit(ctx, &referent.Meeting{Department: department}, access.ManageWords)
	}
	if d := access.DecideSystem(whoAsks(ctx).member, access.ManageSystem); !d.Allowed {
		return referent.E(referent.CodeForbidden, "web: find word list", nil).WithHint("needs the permission %q", access.ManageSystem)
	}
	return nil
}

// words is a list of those that whoever asks keeps; one that nobody has written is empty.
func (s *Server) words(ctx context.Context, department, body string) (*store.WordList, error) {
	if err := s.mayKeepWords(ctx, department); err != nil {
		return nil, err
	}
	body, err := bodyName(body)
	if err != nil {
		return nil, err
	}
	l, err := optional(s.store.WordList(ctx, department, body))
	if l == nil {
		l = &store.WordList{Department: department, Body: body}
	}
	return l, err
}

// writeWords puts the words of a text in the place of the list that has the version. A list that holds them already is
// left as it is, whatever its version: whoever sends the same twice is answered the same. errStaleWords: it has another.
func (s *Server) writeWords(ctx context.Context, department, body, text, version string) (*store.WordList, error) {
	if err := s.mayKeepWords(ctx, department); err != nil {
		return nil, err
	}
	words, err := wordlist.Parse(text)
	if err != nil {
		return nil, err
	}
	body, err = bodyName(body)
	if err != nil {
		return nil, err
	}
	l := &store.WordList{Department: department, Body: body, Words: words, By: whoAsks(ctx).user.ID}
	var there *store.WordList
	err = s.store.Tx(ctx, func(tx store.Tx) error {
		there = nil
		now, err := tx.WordList(ctx, department, l.Body)
		switch {
		case errors.Is(err, store.ErrNotFound):
			now = &store.WordList{Department: department, Body: l.Body}
		case err != nil:
			return err
		}
		if slices.Equal(now.Words, words) {
			there = now
			return nil
		}
		if wordlist.Version(now.Words) != version {
			return errStaleWords
		}
		if err := tx.PutWordList(ctx, l); err != nil {
			return err
		}
		return addAct(ctx, tx, store.Act{What: store.ActWords, By: l.By, Department: department})
	})
	if err != nil {
		return nil, err
	}
	if there != nil {
		return there, nil
	}
	s.log.InfoContext(ctx, "word list changed", "by", l.By, "department", department, "words", len(words))
	return l, nil
}

const maxBody = 300 // characters of a body's name, as with meetings

// bodyName is a body's name as meetings have it, without what nobody sees. CodeInvalid: none is as long.
func bodyName(s string) (string, error) {
	s = norm.NFC.String(strings.Join(strings.Fields(s), " "))
	if utf8.RuneCountInString(s) > maxBody {
		return "", referent.E(referent.CodeInvalid, "web: find word list", nil).WithHint("a body has a name of at most %d characters", maxBody)
	}
	return s, nil
}
