package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/referent/referent/access"
	"github.com/referent/referent/locale"
	"github.com/referent/referent/store"
	"github.com/referent/referent/wordlist"
)

const (
	wordsAt  = "/admin/words"
	listAt   = wordsAt + "/list"
	maxWords = 1 << 20 // bytes of a form with a whole list, or with more than one can hold
)

// wordsView are the word lists that whoever looks keeps.
type wordsView struct {
	Lists       []wordsRow
	Departments []MyDepartment // where they may be kept; "": of all
	Bodies      []string       // to choose from
}

type wordsRow struct {
	store.WordList
	Name string // of the department
	Who  string
	Path string
}

// wordListView is one list as it is edited.
type wordListView struct {
	wordsRow
	Text    string // what stands in the field
	Version string // of what whoever edits has seen
	Saved   bool
	Alert   string   // why it was not saved; "": it was
	Theirs  []string // words that somebody else's list has and the text does not
	Ours    []string // the other way
	Order   bool     // the words are the same, in another order
	Stale   bool     // it has been changed meanwhile
	Own     bool     // by whoever saves
	Line    int      // of the fault; 0: of none
	Most    int
	Length  int
}

// registerWordPages registers the pages of word lists. What they do is what the API does.
func (s *Server) registerWordPages() {
	reg := s.routes.handle
	reg(http.MethodGet, wordsAt, access.ManageWords, s.showWords)
	reg(http.MethodGet, listAt, access.ManageWords, s.showWordList)
	reg(http.MethodPost, listAt, access.ManageWords, s.postWordList)
}

func (s *Server) showWords(w http.ResponseWriter, r *http.Request) {
	v, err := s.wordsView(r.Context())
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	s.pages.render(w, r, http.StatusOK, "words", v)
}

func (s *Server) wordsView(ctx context.Context) (*wordsView, error) {
	lists, in, err := s.keptWords(ctx)
	if err != nil {
		return nil, err
	}
	v := &wordsView{Departments: in}
	for _, d := range in {
		own := []store.WordList{}
		for _, l := range lists {
			if l.Department == d.ID {
				own = append(own, l)
			}
		}
		if len(own) == 0 || own[0].Body != "" { // the department's own stands there also when it is empty
			own = append([]store.WordList{{Department: d.ID}}, own...)
		}
		for _, l := range own {
			row, err := s.wordsRow(ctx, &l, d.Name)
			if err != nil {
				return nil, err
			}
			v.Lists = append(v.Lists, row)
		}
	}
	seen, err := s.sight(ctx)
	if err != nil {
		return nil, err
	}
	v.Bodies, err = s.store.Bodies(ctx, seen, 0)
	return v, err
}

func (s *Server) wordsRow(ctx context.Context, l *store.WordList, department string) (wordsRow, error) {
	if l.Department == "" {
		department = locale.T(infoOf(ctx).lang, "words.everybody")
	}
	row := wordsRow{WordList: *l, Name: department, Path: listAddress(l.Department, l.Body)}
	var err error
	row.Who, err = s.names(ctx).of(l.By)
	return row, err
}

func listAddress(department, body string) string {
	return listAt + "?" + url.Values{"department": {department}, "body": {body}}.Encode()
}

func (s *Server) showWordList(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	l, err := s.words(r.Context(), q.Get("department"), q.Get("body"))
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	s.editWords(w, r, http.StatusOK, l, wordListView{Text: strings.Join(l.Words, "\n"), Version: wordlist.Version(l.Words), Saved: q.Has("saved")})
}

func (s *Server) editWords(w http.ResponseWriter, r *http.Request, status int, l *store.WordList, v wordListView) {
	names, err := s.departmentNames(r.Context())
	if err == nil {
		v.wordsRow, err = s.wordsRow(r.Context(), l, names[l.Department])
	}
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	v.Most, v.Length = wordlist.MaxWords, wordlist.MaxLength
	s.pages.render(w, r, status, "wordlist", v)
}

func (s *Server) postWordList(w http.ResponseWriter, r *http.Request) {
	if !s.parseFormOf(w, r, maxWords) {
		return
	}
	ctx, form := r.Context(), r.PostFormValue
	department, body, text, version := form("department"), form("body"), form("words"), form("version")
	l, err := s.writeWords(ctx, department, body, text, version)
	if err == nil {
		http.Redirect(w, r, listAddress(l.Department, l.Body)+"&saved", http.StatusSeeOther)
		return
	}
	v, lang := wordListView{Text: text, Version: version}, infoOf(ctx).lang
	fault := wordlist.FaultOf(err)
	if fault == nil && !errors.Is(err, errStaleWords) {
		s.pages.fail(w, r, err)
		return
	}
	status := problem(ctx, err).Status
	now, err := s.words(ctx, department, body)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	if fault != nil {
		v.Line = fault.Line
		v.Alert = locale.T(lang, "words.fault."+fault.What, "line", fault.Line, "most", wordlist.MaxWords, "length", wordlist.MaxLength)
		s.editWords(w, r, status, now, v)
		return
	}
	words, err := wordlist.Parse(text)
	if err != nil {
		s.pages.fail(w, r, err)
		return
	}
	v.Stale, v.Own = true, now.By == whoAsks(ctx).user.ID
	why := "words.stale"
	switch {
	case len(now.Words) == 0:
		why = "words.stale.gone"
	case v.Own:
		why = "words.stale.own"
	}
	v.Alert = locale.T(lang, why)
	v.Theirs, v.Ours = wordlist.Apart(now.Words, words)
	v.Order = len(v.Theirs) == 0 && len(v.Ours) == 0
	v.Version = wordlist.Version(now.Words) // saved again, what is written takes the place of what is told here
	s.editWords(w, r, status, now, v)
}
