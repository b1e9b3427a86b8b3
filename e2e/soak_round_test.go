package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/referent/referent"
	"github.com/referent/referent/client"
	"github.com/referent/referent/review"
	"github.com/referent/referent/web"
)

const (
	soakPace  = 2 * time.Millisecond // time that recognition takes for each second of sound
	soakSound = 20                   // seconds of a recording
)

// round is what people do again and again: each time the same, and nothing of it is left at its end.
type round struct {
	*soak
	t    *testing.T
	made map[string]*person // meetings, by id
}

// as is the server to one of the people.
func (r *round) as(p *person) *server {
	s := *r.server
	s.t, s.api, s.tok = r.t, p.api, p.token
	return &s
}

// live is one round: who works for the department and who works alone sign in, and follow what happens; a worker comes;
// recordings are sent, dictated, given up, refused and cancelled; what comes of them is read, corrected, approved, exported and
// erased; and everybody goes away, some in the middle of an answer.
func (r *round) live(killed bool) {
	everybody := []*person{r.clerk, r.alone}
	for _, p := range everybody {
		p.session = p.signIn(r.t)
	}
	followers := follow(r.t, r.as(r.alone), everybody, 4)
	r.goAway(r.alone, "/api/v1/events")
	visitor := r.as(r.alone).startScaled("worker/visitor", soakPace)

	talk, sitting := r.talk(), r.sitting()
	r.refused()
	r.cancelled()
	r.givenUp()
	dictation := r.dictated()
	r.as(r.clerk).wait(talk, referent.StateDraft, 2*time.Minute)
	r.correct(r.clerk, talk)
	r.as(r.alone).wait(dictation, referent.StateDraft, 2*time.Minute)
	r.as(r.alone).wait(sitting, referent.StateDraft, 2*time.Minute)
	r.approve(r.alone, sitting)
	for _, name := range []string{"minutes.pdf", "minutes.docx", "minutes.html", "minutes.md", "transcript.pdf", "transcript.docx", "transcript.vtt", "transcript.json"} {
		r.export(r.alone, sitting, name)
	}
	r.export(r.clerk, talk, "minutes.pdf")
	for _, path := range []string{"/", "/search?q=kommunen", "/tasks", "/meetings/" + sitting, "/meetings/" + sitting + "/transcript", "/meetings/" + sitting + "/minutes"} {
		r.page(r.alone, path)
	}
	r.goAway(r.alone, "/api/v1/meetings/"+dictation+"/audio")

	if killed {
		_ = visitor.Process.Kill()
		<-visitor.gone
	} else {
		visitor.leave(r.t)
	}
	for id, p := range r.made {
		if _, err := p.api.Delete(r.t.Context(), id); err != nil {
			r.t.Fatal(err)
		}
	}
	for _, f := range followers {
		f.mu.Lock()
		if len(f.got) == 0 {
			r.t.Error("a follower was told of nothing")
		}
		f.mu.Unlock()
		f.end()
		<-f.done
		f.wire.next.(*http.Transport).CloseIdleConnections()
		r.signOut(f.wire.session)
	}
}

// create makes a meeting.
func (r *round) create(p *person, about map[string]any) string {
	r.t.Helper()
	about["title"], about["told"] = "Utholdenhet", true
	about["department"] = p.place
	var m struct{ ID string }
	p.ask(r.t, "POST", "/meetings", about, &m)
	r.made[m.ID] = p
	return m.ID
}

var soakOptions = map[string]any{"spoken": "en", "speakers": "off"}

// talk is a recording that comes at once.
func (r *round) talk() string {
	r.t.Helper()
	id := r.create(r.clerk, map[string]any{"options": soakOptions})
	if err := r.clerk.api.Upload(r.t.Context(), id, r.sound, r.sound.size, nil); err != nil {
		r.t.Fatal(err)
	}
	return id
}

// sitting is a meeting of a council whose words are there, so that its minutes have something in them.
func (r *round) sitting() string {
	r.t.Helper()
	id := r.as(r.alone).submit(referent.Meeting{Kind: referent.KindProtocol, Language: referent.Bokmal, Options: referent.Options{Writer: "llm"}}, example("formannskapet.vtt"))
	r.made[id] = r.alone
	return id
}

// refused is no recording.
func (r *round) refused() {
	r.t.Helper()
	path := filepath.Join(r.t.TempDir(), "refused.mp3")
	if err := os.WriteFile(path, bytes.Repeat([]byte("\x00\x13\xff\x7eReferent\x01"), 4096), 0o600); err != nil {
		r.t.Fatal(err)
	}
	id := r.as(r.alone).submit(referent.Meeting{}, path)
	r.made[id] = r.alone
	r.as(r.alone).wait(id, referent.StateFailed, time.Minute)
}

func (r *round) cancelled() {
	r.t.Helper()
	id := r.talk()
	if _, err := r.clerk.api.Cancel(r.t.Context(), id); err != nil {
		r.t.Fatal(err)
	}
}

// givenUp is an upload that is taken back in its middle.
func (r *round) givenUp() {
	r.t.Helper()
	s := r.as(r.alone)
	up := s.record(r.create(r.alone, map[string]any{}), 1<<20)
	up.bring(make([]byte, 300_000))
	up.send(http.MethodDelete, up.location, nil, nil)
}

// dictated comes some times as fast as it is spoken, and has text before it ends.
func (r *round) dictated() string {
	r.t.Helper()
	id := r.create(r.alone, map[string]any{"kind": "diktat", "options": soakOptions})
	sound := make([]byte, r.sound.size)
	if _, err := r.sound.ReadAt(sound, 0); err != nil && err != io.EOF {
		r.t.Fatal(err)
	}
	const second = 2 * rate
	sound = append(sound[:12*second:12*second], make([]byte, 3*second)...) // and a pause
	up := r.as(r.alone).record(id, len(sound))
	tick := time.NewTicker(150 * time.Millisecond)
	defer tick.Stop()
	for up.sent < len(sound)-second {
		up.bring(sound[up.sent : up.sent+second])
		<-tick.C
	}
	eventually(r.t, time.Minute, "a dictation has live text", func() bool {
		p, err := r.alone.api.Partial(r.t.Context(), id)
		if err != nil {
			r.t.Fatal(err)
		}
		return len(p.Segments) > 0
	})
	up.bring(sound[up.sent:])
	return id
}

// correct changes one segment.
func (r *round) correct(p *person, id string) {
	r.t.Helper()
	s := r.as(p).transcript(id).Segments[0]
	p.ask(r.t, "POST", "/meetings/"+id+"/transcript/edits", map[string]any{"batch": "utholdenhet-" + id, "edits": []any{map[string]any{
		"do": "text", "segment": s.ID, "seen": map[string]any{"text": s.Text}, "text": "rettet av et menneske"}}}, nil)
}

// approve goes through all that must be checked, and approves.
func (r *round) approve(p *person, id string) {
	r.t.Helper()
	at := "/meetings/" + id + "/minutes"
	var v web.MinutesVersion
	p.ask(r.t, "GET", at, nil, &v)
	edit := func(e review.Edit) {
		p.ask(r.t, "POST", at+"/edits", map[string]any{"version": v.Version, "edit": e}, &v)
	}
	if len(v.Minutes.Decisions) == 0 {
		r.t.Fatal("the minutes have no decision")
	}
	edit(review.Edit{Do: review.Set, List: review.Decisions, Words: review.Words{Text: "Innkallingen er godkjent."}})
	for i := range v.Minutes.Votes {
		edit(review.Edit{Do: review.Confirm, List: review.Votes, Index: i})
	}
	for range v.Minutes.NeedsReview {
		edit(review.Edit{Do: review.Dismiss, List: review.NeedsReview})
	}
	p.ask(r.t, "POST", at+"/approve", map[string]int{"version": v.Version}, nil)
}

func (r *round) export(p *person, id, name string) {
	r.t.Helper()
	var b bytes.Buffer
	if err := p.api.Result(r.t.Context(), id, name, &b); err != nil || b.Len() == 0 {
		r.t.Fatalf("%s: %d bytes, %v", name, b.Len(), err)
	}
}

// page opens a page as a browser does.
func (r *round) page(p *person, path string) {
	r.t.Helper()
	res := r.get(r.t.Context(), p, path)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || !bytes.Contains(text, []byte("</html>")) {
		r.t.Fatalf("%s: %s, %v", path, res.Status, err)
	}
}

// goAway hangs up when an answer has begun.
func (r *round) goAway(p *person, path string) {
	r.t.Helper()
	ctx, hangUp := context.WithCancel(r.t.Context())
	defer hangUp()
	res := r.get(ctx, p, path)
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		r.t.Fatalf("%s: %s", path, res.Status)
	}
}

func (r *round) get(ctx context.Context, p *person, path string) *http.Response {
	r.t.Helper()
	req, err := http.NewRequestWithContext(ctx, "GET", p.url+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	req.AddCookie(p.session)
	res, err := r.http.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	return res
}

func (r *round) signOut(session *http.Cookie) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), "POST", r.server.url+"/signout", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	req.AddCookie(session)
	browser := http.Client{Transport: r.http.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := browser.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		r.t.Fatalf("signing out: %s", res.Status)
	}
}

// employ gives the soak's people all that they need, over one transport whose connections can be closed.
func (k *soak) employ() {
	k.t.Helper()
	all := staff(k.t, k.server)
	k.clerk, k.alone = all[0], all[6]
	boss := &person{url: k.server.url, token: k.server.tok}
	for _, role := range []string{"approver", "archive"} {
		boss.ask(k.t, "PUT", fmt.Sprintf("/departments/%s/members/%s/%s", k.clerk.place, k.clerk.id, role), nil, nil)
	}
	for _, p := range []*person{k.clerk, k.alone} {
		k.signOutAtFirst(p)
		p.api = client.New(p.url, p.token, client.WithHTTPClient(k.http))
	}
	k.server.api = client.New(k.server.url, k.server.tok, client.WithHTTPClient(k.http))
}

// use makes the database as large as one that has been used for long, and fills what SQLite keeps of it in memory before
// anything is judged: 8 MiB for each connection, all of which the one that writes takes for itself, a little with each round,
// whenever pages of those that read are the oldest. So many read it to its end here while meetings are erased, which has the
// one that writes go through it as well.
func (k *soak) use() {
	k.t.Helper()
	const large, turns = 64 << 20, 6
	path := filepath.Join(k.server.data, "referent.db")
	boss := &person{url: k.server.url, token: k.server.tok}
	for n := 0; k.sizeOf(path) < large; n++ {
		boss.ask(k.t, "PATCH", "/departments/"+k.clerk.place, map[string]any{"name": fmt.Sprint("Skole ", n)}, nil)
	}
	for range turns {
		var readers sync.WaitGroup
		for range 8 {
			readers.Go(func() {
				if err := k.server.api.ExportAudit(k.t.Context(), "", "", io.Discard); err != nil {
					k.t.Error(err)
				}
			})
		}
		id, err := k.clerk.meeting()
		if err == nil {
			_, err = k.clerk.api.Delete(k.t.Context(), id)
		}
		readers.Wait()
		if err != nil {
			k.t.Fatal(err)
		}
	}
}

func (k *soak) sizeOf(path string) int64 {
	k.t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		k.t.Fatal(err)
	}
	return info.Size()
}

// signOutAtFirst ends the session in which the person made a token.
func (k *soak) signOutAtFirst(p *person) {
	k.t.Helper()
	(&round{soak: k, t: k.t}).signOut(p.session)
}

// stillThere fails when a process that was there at the beginning is another one, or none.
func (k *soak) stillThere() {
	k.t.Helper()
	for who, pid := range k.processes() {
		if err := syscall.Kill(pid, 0); err != nil || k.began[who] != pid {
			k.t.Fatalf("the %s that was process %d is not there, or another: %d, %v", who, k.began[who], pid, err)
		}
	}
}
