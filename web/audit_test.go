package web_test

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// auditScript lists what a person who sees little or uses no mouse would stumble over: controls without a name, ids
// that stand twice, labels that lead nowhere, headings that skip a level, and text with too little contrast.
const auditScript = `(() => {
	const found = new Set();
	const say = (what, e) => found.add(what + ': ' + e.outerHTML.slice(0, 160));
	const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
	for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) found.add('an id stands twice: ' + id);
	for (const e of document.querySelectorAll('label[for]')) if (!document.getElementById(e.htmlFor)) say('a label of nothing', e);
	for (const name of ['aria-labelledby', 'aria-describedby']) {
		for (const e of document.querySelectorAll('[' + name + ']')) {
			for (const id of e.getAttribute(name).split(' ')) if (!document.getElementById(id)) say(name + ' of nothing', e);
		}
	}
	for (const e of document.querySelectorAll('button, a[href], summary')) {
		if (!(e.getAttribute('aria-label') ?? e.textContent).trim()) say('a control without a name', e);
	}
	for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea, audio')) {
		const labelled = e.labels?.length || e.getAttribute('aria-label') || document.querySelector('label[for="' + CSS.escape(e.id) + '"]');
		if (!labelled) say('a field without a label', e);
	}
	let level = 1;
	for (const e of document.querySelectorAll('main h1, main h2, main h3, main h4')) {
		if (Number(e.tagName[1]) > level + 1) say('a heading skips a level', e);
		level = Number(e.tagName[1]);
	}
	const rgb = (s) => s.match(/[\d.]+/g).map(Number);
	const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
		.reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
	const ground = (e) => {
		for (; e; e = e.parentElement) {
			const c = rgb(getComputedStyle(e).backgroundColor);
			if (c.length < 4 || c[3] > 0) return c;
		}
		return [255, 255, 255];
	};
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walker.nextNode()) {
		const e = walker.currentNode.parentElement;
		if (!walker.currentNode.data.trim() || !e.checkVisibility()) continue;
		const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
		const contrast = (a + 0.05) / (b + 0.05);
		if (contrast < 4.5) say('contrast ' + contrast.toFixed(2), e);
	}
	return [...found];
})()`

// audit holds the page against auditScript in the light and the dark, and wants it to fit a width of 320 pixels.
func audit(t *testing.T, ctx context.Context, page string) {
	t.Helper()
	for _, scheme := range []string{"dark", "light"} {
		media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
		must(chromedp.Call(ctx, emulation.SetEmulatedMedia, media))(t)
		for _, problem := range read(t, ctx, chromedp.Evaluate[[]string](auditScript)) {
			t.Errorf("%s, %s: %s", page, scheme, problem)
		}
	}
	run(t, ctx, chromedp.EmulateViewport(320, 900))
	if wide := read(t, ctx, chromedp.Evaluate[int]("document.documentElement.scrollWidth")); wide > 320 {
		t.Errorf("%s: at 320 pixels it is %d wide", page, wide)
	}
	run(t, ctx, chromedp.EmulateViewport(1100, 900))
}
