// Plays, on the spot, where the passages of a list were said: one player for all of the page.
const bar = document.getElementById('player');
const audio = bar?.querySelector('audio');
const told = bar?.querySelector('p');

/** @type {HTMLButtonElement | null} the button whose passage is in the player */
let current = null;

/** @param {HTMLButtonElement | null} button the one whose passage plays; null: none does */
function mark(button) {
  for (const b of document.querySelectorAll('.play-hit')) b.setAttribute('aria-pressed', String(b === button));
}

/**
 * play begins where the button's passage was said; it fetches no more of the sound than it needs.
 * @param {HTMLButtonElement} button
 */
async function play(button) {
  const { src, start, title } = button.dataset;
  if (current === button && !audio.paused) {
    audio.pause();
    return;
  }
  current = button;
  bar.hidden = false;
  told.textContent = title;
  if (audio.getAttribute('src') !== src) audio.setAttribute('src', src);
  audio.currentTime = Number(start); // before anything is loaded, it says where to begin
  mark(button); // the player tells of no new beginning where it was playing already
  await audio.play().catch(() => {
    if (current === button) mark(null); // or another was pressed meanwhile; what failed is told below
  });
}

if (bar) {
  for (const button of document.querySelectorAll('.play-hit')) {
    button.hidden = false;
    button.addEventListener('click', () => play(button));
  }
  audio.addEventListener('play', () => mark(current));
  audio.addEventListener('pause', () => mark(null));
  audio.addEventListener('error', () => {
    mark(null);
    told.textContent = bar.dataset.failed;
  });
}
