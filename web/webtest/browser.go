package webtest

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/referent/referent/web/assets"
)

// Browser starts Debian's Chromium, with more options than usual when some are given, and ends it after limit at the
// latest. Anything it complains about, such as a script or style that the content policy forbids, fails the test,
// unless it holds one of the expected words.
func Browser(t *testing.T, limit time.Duration, expected []string, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if assets.Files() == nil {
		t.Fatal("the pages have no styles; make test brings them, or: make assets")
	}
	if path == "" {
		t.Fatal("Chromium is missing; make test installs it, or: apt-get install chromium")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("accept-lang", "nb-NO"), chromedp.WindowSize(1100, 1000))
	opts = append(opts, more...)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, limit)
	t.Cleanup(cancel)
	Listen(t, ctx, log.EntryAdded, func(e log.EventEntryAdded) {
		known := slices.ContainsFunc(expected, func(words string) bool { return strings.Contains(e.Entry.Text, words) })
		if e.Entry.Level == log.EntryLevelError && !known {
			t.Errorf("the browser complains: %s %s", e.Entry.Text, e.Entry.URL)
		}
	})
	Listen(t, ctx, runtime.ExceptionThrown, func(e runtime.EventExceptionThrown) {
		t.Errorf("a script failed: %+v", e.ExceptionDetails)
	})
	return ctx
}

// Listen calls each for every event of the page, until the test ends.
func Listen[E any](t *testing.T, ctx context.Context, event cdp.Event[E], each func(E)) {
	t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	events := chromedp.Events(ctx, event)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for e, err := range events {
			if err != nil {
				return
			}
			each(e)
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
}

// Until waits for a JavaScript function of its arguments to be true, also across pages: a poll that was cut off by
// the page's going is begun again on the next.
func Until(patience time.Duration, function string, args ...any) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		poll := chromedp.PollFunction[bool](function, chromedp.WithPollingArgs(args...), chromedp.WithPollingTimeout(patience))
		for deadline := time.Now().Add(patience); ; {
			_, err := poll(ctx, target)
			if err == nil {
				return chromedp.Void{}, nil
			}
			if time.Now().After(deadline) || ctx.Err() != nil {
				return chromedp.Void{}, fmt.Errorf("waiting for %v: %w", args, err)
			}
		}
	}
}
