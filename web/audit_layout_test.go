package web_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// spacedOut sets the text of the page as WCAG 2.1, 1.4.12, says that a person may, and lists what is lost by it: text
// that is cut off, and text that lies on other text. What stays in place while the page scrolls lies on it anyway.
const spacedOut = `(async (within) => {
	const sheet = new CSSStyleSheet();
	sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }');
	const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
	document.adoptedStyleSheets = [sheet];
	await frame();
	await frame(); // lists that measure their items
	const problems = [], lines = [];
	const name = (text) => '«' + text.textContent.trim().slice(0, 60) + '»';
	if (document.documentElement.scrollWidth > innerWidth) problems.push('the page is ' + document.documentElement.scrollWidth + ' wide');
	const texts = [...document.querySelectorAll(within)].flatMap((root) => {
		const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), found = [];
		while (walk.nextNode()) found.push(walk.currentNode);
		return found;
	});
	for (const text of texts) {
		const home = text.parentElement;
		if (!text.textContent.trim() || home.closest('script, style, noscript, option, textarea, template, .unseen, .skip') ||
			!home.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
		const boxes = [];
		let stays = false;
		for (let e = home; e && e !== document.documentElement; e = e.parentElement) {
			const style = getComputedStyle(e);
			stays ||= ['sticky', 'fixed'].includes(style.position);
			if (style.display !== 'inline' && (style.overflowX !== 'visible' || style.overflowY !== 'visible')) {
				boxes.push({ box: e.getBoundingClientRect(), scrolls: [style.overflowX, style.overflowY].some((o) => ['auto', 'scroll'].includes(o)) });
			}
		}
		const range = document.createRange();
		range.selectNodeContents(text);
		for (const r of range.getClientRects()) {
			if (r.width < 2 || r.height < 2 || r.right < 0) continue;
			const outside = (b) => r.left < b.left - 2 || r.right > b.right + 2 || r.top < b.top - 4 || r.bottom > b.bottom + 4;
			if (boxes.some((b) => b.scrolls && outside(b.box))) continue; // scrolled away
			if (boxes.some((b) => outside(b.box))) problems.push('cut off: ' + name(text));
			else if (!stays) lines.push({ r, text });
		}
	}
	lines.sort((a, b) => a.r.top - b.r.top);
	lines.forEach((a, i) => {
		for (let j = i + 1; j < lines.length && lines[j].r.top < a.r.bottom - 4; j++) {
			const b = lines[j];
			if (a.text !== b.text && Math.min(a.r.right, b.r.right) - Math.max(a.r.left, b.r.left) > 3) problems.push(name(a.text) + ' lies on ' + name(b.text));
		}
	});
	document.adoptedStyleSheets = [];
	await frame();
	return [...new Set(problems)].slice(0, 20);
})`

// outlined lists what 1.4.11 asks to be seen and is not: fields that stand out from what is around them by less than
// three to one, by their border or by their ground, and colours of the picture of the sound. What the browser draws
// itself, and what cannot be used now, is not counted.
const outlined = `((within) => {
	const pen = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
	const paint = (...colours) => {
		pen.clearRect(0, 0, 1, 1);
		for (const c of colours) { pen.fillStyle = c; pen.fillRect(0, 0, 1, 1); }
		return [...pen.getImageData(0, 0, 1, 1).data];
	};
	const light = ([r, g, b]) => {
		const [x, y, z] = [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
		return 0.2126 * x + 0.7152 * y + 0.0722 * z;
	};
	const grounds = (e) => (e ? [...grounds(e.parentElement), getComputedStyle(e).backgroundColor] : ['Canvas']);
	const contrast = (a, b) => {
		const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
		return (x + 0.05) / (y + 0.05);
	};
	const problems = [];
	for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea')) {
		if (!e.closest(within) || !e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || e.matches(':disabled') || e.closest('[inert]')) continue;
		const style = getComputedStyle(e), around = grounds(e.parentElement), behind = paint(...around);
		if (style.appearance !== 'none' && ['checkbox', 'radio', 'range'].includes(e.type)) continue;
		const border = parseFloat(style.borderTopWidth) ? contrast(paint(...around, style.borderTopColor), behind) : 1;
		const ground = contrast(paint(...around, style.backgroundColor), behind);
		if (Math.max(border, ground) < 3) problems.push(e.outerHTML.slice(0, 120) + ': ' + Math.max(border, ground).toFixed(2));
	}
	const wave = document.getElementById('wave');
	if (wave?.closest(within)) {
		const style = getComputedStyle(wave), behind = paint(...grounds(wave));
		const colours = [style.color, ...[0, 1, 2, 3, 4, 5, 6, 7].map((n) => style.getPropertyValue('--voice-' + n).trim())];
		for (const c of colours) if (!c || contrast(paint(...grounds(wave), c), behind) < 3) problems.push('the picture of the sound, ' + c + ': ' + contrast(paint(...grounds(wave), c), behind).toFixed(2));
	}
	return problems.slice(0, 20);
})`

// layout reports what one of the scripts above finds within a part of the page as it is now.
func layout(t *testing.T, ctx context.Context, page, script, within string) {
	t.Helper()
	for _, problem := range read(t, ctx, chromedp.Evaluate[[]string](fmt.Sprintf("%s(%q)", script, within), chromedp.EvalAwaitPromise)) {
		t.Errorf("%s: %s", page, problem)
	}
}
