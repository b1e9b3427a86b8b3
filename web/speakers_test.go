package web_test

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/referent/referent"
	"github.com/referent/referent/client"
	"github.com/referent/referent/speakers"
	"github.com/referent/referent/store"
	"github.com/referent/referent/web"
	"github.com/referent/referent/web/webtest"
)

// debate is a meeting of three voices; the subtitles call them by letters.
const debate = "WEBVTT\n\n1\n00:00:01.000 --> 00:00:05.000\n<v A>Velkommen. Ordet til Ola.</v>\n\n" +
	"2\n00:00:05.000 --> 00:00:10.000\n<v B>Takk. Budsjettet er i balanse.</v>\n\n" +
	"3\n00:00:10.000 --> 00:00:14.000\n<v A>Takk, Ola. Vi går videre.</v>\n\n" +
	"4\n00:00:15.000 --> 00:00:19.000\n<v C>Jeg heter Gunn Bøe og er gjest her.</v>\n\n" +
	"5\n00:00:20.000 --> 00:00:24.000\n<v B>Det er fint.</v>\n"

// uploadDebate uploads it, takes the names back, and returns the meeting's id and address.
func uploadDebate(r *webtest.Rig, token string) (id, at string) {
	r.T.Helper()
	r.StartWorker()
	path, id := begin(r, token, len(debate), meta("title", "Debatt", "participants", "Kari Nordmann, ordfører\nOla Hansen"))
	resp := patch(r, path, token, 0, strings.NewReader(debate))
	if body := text(r.T, resp); resp.StatusCode != 204 {
		r.T.Fatalf("%s %s", resp.Status, body)
	}
	r.Eventually("minutes", func() bool {
		m, err := r.Store.Meeting(r.T.Context(), id)
		return err == nil && m.State == referent.StateDraft
	})
	at = "/api/v1/meetings/" + id
	for _, s := range ask[speakers.Listing](r, "GET", at+"/speakers", token, "", 200).Speakers {
		ask[speakers.Change](r, "PATCH", at+"/speakers/"+s.ID, token, `{"name":""}`, 200)
	}
	return id, at
}

// sound stores how the segments of the meeting sound: each of the given voices is a direction.
func sound(r *webtest.Rig, id string, voices ...int) {
	r.T.Helper()
	ctx := r.T.Context()
	v := referent.Voices{}
	for i, voice := range voices {
		x := make([]byte, 0, 32)
		for k := range 8 {
			value := float32(0.05 * float64((i+k)%3))
			if k == voice {
				value = 1
			}
			x = binary.LittleEndian.AppendUint32(x, math.Float32bits(value))
		}
		v.Segments = append(v.Segments, referent.SegmentVoice{Segment: fmt.Sprintf("s%d", i+1), Vector: x})
	}
	data := must(json.Marshal(v))(r.T)
	key := must(r.Vault.Unwrap(must(r.Store.MeetingKey(ctx, id))(r.T)))(r.T)
	w := must(r.Vault.Create(ctx, id, key))(r.T)
	must(w.Write(data))(r.T)
	name := must(w.Commit())(r.T)
	made := must(r.Store.Artifact(ctx, id, store.ArtifactTranscript, 1))(r.T).Created
	webtest.Check(r.T, r.Store.Tx(ctx, func(tx store.Tx) error {
		return tx.PutArtifact(ctx, &store.Artifact{Meeting: id, Kind: store.ArtifactVoices, Blob: name, Size: int64(len(data)), Created: made})
	}))
}

func segmentsOf(r *webtest.Rig, at, token, speaker string) []string {
	r.T.Helper()
	t := ask[referent.Transcript](r, "GET", at+"/transcript.json", token, "", 200)
	return speakers.Segments(&t, speaker)
}

func TestSpeakers(t *testing.T) {
	r, token := uploader(t, nil)
	id, at := uploadDebate(r, token)

	l := ask[speakers.Listing](r, "GET", at+"/speakers", token, "", 200)
	if l.Version != 4 || !l.Edited || l.Method != referent.SpeakersFromText || l.Comparable || l.Expected != 2 || len(l.Speakers) != 3 {
		t.Fatalf("listing: %+v", l)
	}
	if s := l.Speakers[1]; s.ID != "S2" || s.Name != "" || s.Segments != 2 || s.Seconds != 9 || !slices.Equal(s.Samples, []string{"s2", "s5"}) {
		t.Errorf("speaker: %+v", s)
	}

	// Suggestions name nobody.
	found := ask[speakers.Suggested](r, "GET", at+"/speakers/suggestions", token, "", 200)
	names := map[string]string{}
	for _, s := range found.Suggestions {
		names[s.Speaker] = s.Name
	}
	if len(names) != 2 || names["S2"] != "Ola Hansen" || names["S3"] != "Gunn Bøe" || found.Version != 4 {
		t.Errorf("suggestions: %+v", found)
	}
	if again := ask[speakers.Listing](r, "GET", at+"/speakers", token, "", 200); again.Version != 4 || again.Speakers[1].Name != "" {
		t.Errorf("a suggestion was applied: %+v", again)
	}

	// A name shows wherever the transcript does.
	c := ask[speakers.Change](r, "PATCH", at+"/speakers/S2", token, `{"name":"Ola Hansen","version":4}`, 200)
	if c.Version != 5 || c.Speaker != "S2" || c.Speakers[1].Name != "Ola Hansen" {
		t.Errorf("renamed: %+v", c)
	}
	if md := text(t, r.Do("GET", at+"/transcript.md", token, nil, nil)); !strings.Contains(md, "**Ola Hansen**") {
		t.Errorf("the name is not in the transcript: %s", md)
	}

	// Two at once: the second learns which version is newer, and nothing is lost.
	p := ask[web.Problem](r, "PATCH", at+"/speakers/S2", token, `{"name":"Per","version":4}`, 409)
	if p.Code != referent.CodeConflict || p.Version != 5 || p.Hint == "" {
		t.Errorf("conflict: %+v", p)
	}

	// A segment goes to another, or to somebody new; looking first changes nothing.
	dry := ask[speakers.Change](r, "POST", at+"/segments/s5/speaker", token, `{"to":"S3","dry_run":true}`, 200)
	if !slices.Equal(dry.Moved, []string{"s5"}) || dry.Speaker != "S3" || dry.Version != 5 {
		t.Errorf("dry run: %+v", dry)
	}
	if got := segmentsOf(r, at, token, "S2"); !slices.Equal(got, []string{"s2", "s5"}) {
		t.Errorf("the dry run moved: %v", got)
	}
	c = ask[speakers.Change](r, "POST", at+"/segments/s5/speaker", token, `{"to":"new","version":5}`, 200)
	if c.Speaker != "S4" || c.Version != 6 || !slices.Equal(segmentsOf(r, at, token, "S4"), []string{"s5"}) {
		t.Errorf("moved: %+v", c)
	}
	c = ask[speakers.Change](r, "POST", at+"/speakers/S4/merge", token, `{"into":"S2"}`, 200)
	if c.Speaker != "S2" || !slices.Equal(c.Moved, []string{"s5"}) || len(c.Speakers) != 3 {
		t.Errorf("merged: %+v", c)
	}

	// By voice: not without voices, and then as they sound.
	for path, body := range map[string]string{"/speakers/S2/split": "", "/segments/s5/speaker": `{"to":"new","alike":true}`} {
		if p := ask[web.Problem](r, "POST", at+path, token, body, 422); p.Code != referent.CodeVoicesGone || p.Detail == "" {
			t.Errorf("%s: %+v", path, p)
		}
	}
	sound(r, id, 0, 1, 0, 2, 1)
	if l := ask[speakers.Listing](r, "GET", at+"/speakers", token, "", 200); !l.Comparable {
		t.Error("the voices are not seen")
	}
	if p := ask[web.Problem](r, "POST", at+"/speakers/S2/split", token, `{}`, 422); p.Code != referent.CodeOneVoice {
		t.Errorf("two segments of one voice: %+v", p)
	}
	ask[speakers.Change](r, "POST", at+"/speakers/S2/merge", token, `{"into":"S1"}`, 200)
	alike := ask[speakers.Change](r, "POST", at+"/segments/s2/speaker", token, `{"to":"new","alike":true,"dry_run":true}`, 200)
	if !slices.Equal(alike.Moved, []string{"s2", "s5"}) {
		t.Errorf("alike: %+v", alike)
	}
	c = ask[speakers.Change](r, "POST", at+"/speakers/S1/split", token, "", 200)
	if c.Speaker != "S5" || len(c.Moved) != 2 {
		t.Errorf("split: %+v", c)
	}

	// What does not exist, what is malformed, and who may not.
	for path, want := range map[string]int{"PATCH /speakers/S9 {\"name\":\"x\"}": 404, "PATCH /speakers/S1 {}": 422, "POST /speakers/S1/merge {\"into\":\"S1\"}": 422,
		"POST /speakers/S1/merge {\"into\":\"S9\"}": 404, "POST /segments/s99/speaker {\"to\":\"S1\"}": 404, "POST /segments/s1/speaker {}": 422,
		"POST /segments/s1/speaker {\"to\":\"S1\",\"version\":-1}": 422, "POST /corrections/0/revert {\"version\":11}": 409, "POST /corrections/0/revert {}": 422} {
		method, rest, _ := strings.Cut(path, " ")
		path, body, _ := strings.Cut(rest, " ")
		ask[web.Problem](r, method, at+path, token, body, want)
	}
	version := ask[speakers.Corrected](r, "GET", at+"/corrections", token, "", 200)
	if version.Corrections == nil || len(version.Corrections) != 0 {
		t.Errorf("corrections: %+v", version)
	}
	ask[web.Problem](r, "POST", at+"/corrections/0/revert", token, fmt.Sprintf(`{"version":%d}`, version.Version), 404)
	reader := r.Token("kari", store.ScopeRead)
	ask[web.Problem](r, "PATCH", at+"/speakers/S1", reader, `{"name":"x"}`, 403)
	ask[speakers.Listing](r, "GET", at+"/speakers", reader, "", 200)
	r.User("per", false)
	stranger := r.Token("per", store.ScopeRead, store.ScopeWrite)
	for _, path := range []string{"GET /speakers", "GET /speakers/suggestions", "GET /corrections", "PATCH /speakers/S1", "POST /speakers/S1/merge", "POST /speakers/S1/split", "POST /segments/s1/speaker", "DELETE /audio"} {
		method, path, _ := strings.Cut(path, " ")
		body := map[string]string{"PATCH": `{"name":"x"}`, "POST": `{"to":"S2","into":"S2"}`}[method]
		if strings.HasSuffix(path, "merge") {
			body = `{"into":"S2"}`
		} else if strings.HasSuffix(path, "split") {
			body = ""
		} else if method == "POST" {
			body = `{"to":"S2"}`
		}
		ask[web.Problem](r, method, at+path, stranger, body, 404)
	}
	for _, secret := range []string{"Ola Hansen", "Gunn Bøe", "balanse"} {
		if strings.Contains(r.Log.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}

func TestDeleteAudio(t *testing.T) {
	r, token := uploader(t, nil)
	id, at := uploadDebate(r, token)
	sound(r, id, 0, 1, 0, 2, 1)
	receipt := ask[store.Receipt](r, "DELETE", at+"/audio", token, "", 200)
	if receipt.What != store.ErasedAudio || receipt.Blobs != 2 || receipt.KeyGone { // the upload and the voices
		t.Errorf("receipt: %+v", receipt)
	}
	ask[web.Problem](r, "DELETE", at+"/audio", token, "", 404)
	ask[web.Problem](r, "GET", at+"/recording", token, "", 404)
	if l := ask[speakers.Listing](r, "GET", at+"/speakers", token, "", 200); l.Comparable || len(l.Speakers) != 3 {
		t.Errorf("listing: %+v", l)
	}
	ask[referent.Transcript](r, "GET", at+"/transcript.json", token, "", 200)
	ask[referent.Minutes](r, "GET", at+"/minutes.json", token, "", 200)
}

func TestSpeakersByClient(t *testing.T) {
	r, token := uploader(t, nil)
	id, _ := uploadDebate(r, token)
	sound(r, id, 0, 1, 0, 2, 1)
	api := client.New(r.URL, token)
	ctx := t.Context()
	l := must(api.Speakers(ctx, id))(t)
	if s := must(api.SuggestSpeakers(ctx, id))(t); s.Version != l.Version || len(s.Suggestions) != 2 {
		t.Errorf("suggestions: %+v", s)
	}
	c := must(api.RenameSpeaker(ctx, id, "S2", "Ola Hansen", l.Version))(t)
	if c.Speakers[1].Name != "Ola Hansen" {
		t.Errorf("renamed: %+v", c)
	}
	_, err := api.RenameSpeaker(ctx, id, "S2", "Per", l.Version)
	if p, is := errors.AsType[*client.Problem](err); referent.CodeOf(err) != referent.CodeConflict || !is || p.Version != c.Version {
		t.Errorf("conflict: %v", err)
	}
	must(api.MergeSpeakers(ctx, id, "S2", "S1", 0))(t)
	if m := must(api.MoveSegment(ctx, id, "s5", client.Move{To: speakers.New, Alike: true, DryRun: true}))(t); !slices.Equal(m.Moved, []string{"s2", "s5"}) {
		t.Errorf("moved: %+v", m)
	}
	if s := must(api.SplitSpeaker(ctx, id, "S1", 0))(t); s.Speaker == "" || len(s.Moved) != 2 {
		t.Errorf("split: %+v", s)
	}
	_, err = api.SplitSpeaker(ctx, id, "S1", 0)
	if referent.CodeOf(err) != referent.CodeOneVoice {
		t.Errorf("split again: %v", err)
	}
	if list := must(api.Corrections(ctx, id))(t); len(list.Corrections) != 0 {
		t.Errorf("corrections: %+v", list)
	}
	_, err = api.RevertCorrection(ctx, id, 0, 1)
	if referent.CodeOf(err) != referent.CodeConflict {
		t.Errorf("revert: %v", err)
	}
	if receipt := must(api.DeleteAudio(ctx, id))(t); receipt.What != store.ErasedAudio {
		t.Errorf("receipt: %+v", receipt)
	}
	_, err = api.SplitSpeaker(ctx, id, "S1", 0)
	if referent.CodeOf(err) != referent.CodeVoicesGone {
		t.Errorf("split without voices: %v", err)
	}
}

// The forms of the page: what cannot be done is told there, and what was written stays in its field.
func TestSpeakersForm(t *testing.T) {
	r, token := uploader(t, nil)
	id, at := uploadDebate(r, token)
	post := func(form url.Values, want int) string {
		t.Helper()
		resp := r.Do("POST", "/meetings/"+id+"/speakers", token, strings.NewReader(form.Encode()), func(q *http.Request) {
			q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		})
		body := text(t, resp)
		if resp.StatusCode != want {
			t.Fatalf("%v: %s, want %d: %.300s", form, resp.Status, want, body)
		}
		if want == http.StatusSeeOther {
			return resp.Header.Get("Location")
		}
		return body
	}
	rename := url.Values{"edit": {"rename"}, "version": {"4"}, "speaker": {"S2"}, "name": {"Ola Hansen"}}
	if to := post(rename, 303); to != "/meetings/"+id+"#speaker-S2" {
		t.Errorf("leads to %s", to)
	}
	if l := ask[speakers.Listing](r, "GET", at+"/speakers", token, "", 200); l.Speakers[1].Name != "Ola Hansen" {
		t.Errorf("listing: %+v", l)
	}
	rename.Set("name", "Solveig <Å>")
	if page := post(rename, 409); !strings.Contains(page, `value="Solveig &lt;Å&gt;"`) || !strings.Contains(page, `role="alert"`) || !strings.Contains(page, `name="version" value="5"`) {
		t.Errorf("what was written is lost: %s", page)
	}
	post(url.Values{"edit": {"split"}, "version": {"5"}, "speaker": {"S2"}}, 422)
	post(url.Values{"edit": {"dance"}, "version": {"5"}, "speaker": {"S2"}}, 422)
	post(url.Values{"edit": {"rename"}, "speaker": {"S2"}}, 422)
	if to := post(url.Values{"edit": {"merge"}, "version": {"5"}, "speaker": {"S3"}, "into": {"S1"}}, 303); !strings.HasSuffix(to, "#speaker-S1") {
		t.Errorf("leads to %s", to)
	}
	resp := r.Do("POST", "/meetings/"+id+"/delete-audio", token, nil, nil)
	resp.Body.Close()
	if resp.StatusCode != 303 {
		t.Errorf("delete-audio: %s", resp.Status)
	}
	ask[web.Problem](r, "GET", at+"/recording", token, "", 404)
}
