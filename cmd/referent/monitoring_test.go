package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/VictoriaMetrics/metricsql"
	"github.com/goccy/go-yaml"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/referent/referent"
	"github.com/referent/referent/store"
)

const monitoring = "../../docs/monitoring"

// watched are the expressions of the dashboard and the alert rules, by where they stand.
func watched(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Annotations map[string]string
			}
		}
	}
	data, err := os.ReadFile(filepath.Join(monitoring, "alerts.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, &rules); err != nil {
		t.Fatal(err)
	}
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if r.Annotations["summary"] == "" || r.Annotations["description"] == "" || all[r.Alert] != "" {
				t.Errorf("%q tells nobody what is wrong and what to do, or stands there twice", r.Alert)
			}
			all[r.Alert] = r.Expr
		}
	}
	var board struct {
		Panels []struct {
			Title   string
			Type    string
			Targets []struct{ Expr string }
		}
	}
	if data, err = os.ReadFile(filepath.Join(monitoring, "dashboard.json")); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &board); err != nil {
		t.Fatal(err)
	}
	for _, p := range board.Panels {
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("the panel %q shows nothing", p.Title)
		}
		for _, target := range p.Targets {
			all[p.Title+" "+target.Expr] = strings.ReplaceAll(target.Expr, "$job", "referent")
		}
	}
	if len(all) < 30 {
		t.Fatalf("only %d expressions were found", len(all))
	}
	return all
}

// metricName finds names in expressions, which is where a letter follows neither another nor a quote.
var metricName = regexp.MustCompile(`\b(?:referent|process|go)_[a-z_]+\b`)

// Each expression can be read, and what it asks for is told by a server that has worked; and what the page says is told
// is told.
func TestMonitoringAsksForWhatIsThere(t *testing.T) {
	c := startCommands(t)
	transcript := filepath.Join(t.TempDir(), "m.vtt")
	if err := os.WriteFile(transcript, []byte("WEBVTT\n\n00:00.000 --> 00:02.000\n<v Kari>Vi vedtar budsjettet.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.draft(t, &referent.Meeting{Title: "Møte", Kind: referent.KindReferat}, transcript)
	told := scrape(t, c)

	documented, err := os.ReadFile("../../docs/monitoring.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range told {
		if strings.HasPrefix(name, "referent_") && !strings.Contains(string(documented), "`"+name+"`") {
			t.Errorf("docs/monitoring.md does not tell of %s", name)
		}
	}
	for _, name := range metricName.FindAllString(string(documented), -1) {
		if !told[name] && !slices.Contains(rare, name) {
			t.Errorf("docs/monitoring.md tells of %s, which no server tells", name)
		}
	}
	for where, expr := range watched(t) {
		if _, err := metricsql.Parse(expr); err != nil {
			t.Errorf("%s: %v", where, err)
		}
		for _, name := range metricName.FindAllString(expr, -1) {
			name = strings.TrimSuffix(name, "_bucket")
			name = strings.TrimSuffix(name, "_count")
			if !told[name] && !slices.Contains(rare, name) {
				t.Errorf("%s asks for %s, which no server tells", where, name)
			}
		}
	}
}

// rare are told only of what does not happen in a test that goes well, or is not in it.
var rare = []string{"referent_worker_faults", "referent_pipeline_errors_total", "referent_certificate_expiry_timestamp_seconds"}

// scrape is the names of what a server of this program tells.
func scrape(t *testing.T, c *commands) map[string]bool {
	t.Helper()
	c.rig.User("sjef", true)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.server+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.rig.Token("sjef", store.ScopeRead, store.ScopeAdmin))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %v", resp.Status, err)
	}
	told := map[string]bool{}
	// The rig has the server without what only this program adds to it.
	machine := prometheus.NewRegistry()
	machine.MustRegister(machineCollectors(t.TempDir())...)
	own := &answer{}
	promhttp.HandlerFor(machine, promhttp.HandlerOpts{}).ServeHTTP(own, req)
	for line := range strings.Lines(string(body) + own.String()) {
		if name, found := strings.CutPrefix(line, "# TYPE "); found {
			told[strings.Fields(name)[0]] = true
		}
	}
	return told
}

// answer keeps what a handler writes.
type answer struct{ bytes.Buffer }

func (a *answer) Header() http.Header { return http.Header{} }
func (a *answer) WriteHeader(int)     {}
