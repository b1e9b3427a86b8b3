// A list of which only what is in view stands in the page. Heights are guessed until they are measured; each item is
// placed by its own top, so that one that must stay (it has the keyboard) stays where it belongs, in order.

/** How far beyond the view items are kept, in pixels. */
const MARGIN = 500;

export class List {
  /**
   * @param {HTMLElement} root scrolls
   * @param {{count(): number, id(i: number): string, guess(i: number, width: number): number,
   *   make(i: number): HTMLElement, stays(id: string): boolean}} items
   */
  constructor(root, items) {
    Object.assign(this, { root, items });
    this.inner = root.appendChild(document.createElement('div'));
    this.inner.className = 't-inner';
    this.inner.setAttribute('role', 'presentation');
    /** @type {Map<string, HTMLElement>} in no order */
    this.nodes = new Map();
    this.measured = new Map();
    this.width = 0;
    let waiting = false;
    root.addEventListener('scroll', () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; this.render(); });
    }, { passive: true });
    this.sizes = new ResizeObserver((entries) => this.resized(entries));
    new ResizeObserver(() => this.reset()).observe(root);
    this.reset();
  }

  /** Reads all items anew: there are others, or the list has another width. */
  reset() {
    const anchor = this.anchor();
    if (this.root.clientWidth !== this.width) {
      this.width = this.root.clientWidth;
      this.measured.clear();
    }
    const n = this.items.count();
    this.tops = new Float64Array(n + 1);
    this.heights = new Float64Array(n);
    this.ids = Array.from({ length: n }, (_, i) => this.items.id(i));
    this.at = new Map(this.ids.map((id, i) => [id, i]));
    for (let i = 0; i < n; i++) this.heights[i] = this.measured.get(this.ids[i]) ?? this.items.guess(i, this.width);
    this.stack();
    for (const [id, node] of this.nodes) if (!this.at.has(id)) this.drop(id, node);
    this.order();
    this.measure(this.nodes.values(), -1);
    if (anchor && this.at.has(anchor.id)) this.root.scrollTop = this.tops[this.at.get(anchor.id)] + anchor.offset;
    this.place(this.nodes.values());
    this.render();
  }

  /** Puts what stands in the page in the order of the items: it is read in that. */
  order() {
    const nodes = [...this.nodes.values()].sort((a, b) => this.at.get(a.dataset.id) - this.at.get(b.dataset.id));
    nodes.forEach((node, i) => {
      if (this.inner.children[i] !== node) this.inner.insertBefore(node, this.inner.children[i] ?? null);
    });
  }

  /** The item at the top of the view, and how much of it is above. */
  anchor() {
    if (!this.ids?.length) return null;
    const i = this.find(this.root.scrollTop);
    return { id: this.ids[i], offset: this.root.scrollTop - this.tops[i] };
  }

  stack() {
    let top = 0;
    for (let i = 0; i < this.heights.length; i++) {
      this.tops[i] = top;
      top += this.heights[i];
    }
    this.tops[this.heights.length] = top;
    this.inner.style.height = `${top}px`;
  }

  /** The item that covers a place. */
  find(y) {
    let low = 0, high = this.ids.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.tops[middle] <= y) low = middle; else high = middle - 1;
    }
    return Math.max(low, 0);
  }

  render() {
    if (!this.ids.length) return;
    for (let round = 0; round < 4; round++) {
      const top = this.root.scrollTop, height = this.root.clientHeight;
      const first = this.find(top - MARGIN), last = this.find(top + height + MARGIN);
      for (const [id, node] of this.nodes) {
        const i = this.at.get(id);
        if ((i < first || i > last) && !this.items.stays(id) && !node.contains(document.activeElement)) this.drop(id, node);
      }
      const fresh = [];
      let before = this.inner.firstElementChild;
      for (let i = first; i <= last; i++) {
        while (before && this.at.get(before.dataset.id) < i) before = before.nextElementSibling;
        if (before?.dataset.id === this.ids[i]) continue;
        const node = this.items.make(i);
        node.dataset.id = this.ids[i];
        this.nodes.set(this.ids[i], node);
        this.inner.insertBefore(node, before);
        fresh.push(node);
      }
      const changed = this.measure(fresh, top);
      for (const node of fresh) this.sizes.observe(node);
      if (changed) this.place(this.nodes.values()); else this.place(fresh);
      if (!changed) break;
    }
  }

  /** Reads heights, and keeps what is in view where it is. */
  measure(nodes, top) {
    let shift = 0, changed = false;
    for (const node of nodes) {
      const i = this.at.get(node.dataset.id), height = node.offsetHeight;
      if (i === undefined || !height || Math.abs(height - this.heights[i]) < 0.5) continue;
      if (this.tops[i] + this.heights[i] <= top) shift += height - this.heights[i];
      this.heights[i] = height;
      this.measured.set(node.dataset.id, height);
      changed = true;
    }
    if (changed) this.stack();
    if (shift) this.root.scrollTop += shift;
    return changed;
  }

  place(nodes) {
    const n = this.ids.length;
    for (const node of nodes) {
      const i = this.at.get(node.dataset.id);
      const y = `translateY(${this.tops[i]}px)`;
      if (node.style.transform !== y) node.style.transform = y;
      node.setAttribute('aria-posinset', i + 1);
      node.setAttribute('aria-setsize', n);
    }
  }

  resized(entries) {
    const nodes = entries.map((e) => e.target).filter((node) => this.nodes.get(node.dataset.id) === node);
    if (this.measure(nodes, this.root.scrollTop)) {
      this.place(this.nodes.values());
      this.render();
    }
  }

  drop(id, node) {
    this.sizes.unobserve(node);
    node.remove();
    this.nodes.delete(id);
  }

  /** Makes an item anew. */
  renew(id) {
    const node = this.nodes.get(id), i = this.at.get(id);
    if (!node || i === undefined) return;
    const made = this.items.make(i);
    made.dataset.id = id;
    this.sizes.unobserve(node);
    node.replaceWith(made);
    this.nodes.set(id, made);
    this.sizes.observe(made);
    this.measure([made], this.root.scrollTop);
    this.place(this.nodes.values());
  }

  /** Brings an item into view, a third from the top unless it is seen already. */
  show(i) {
    for (let round = 0; round < 3; round++) { // what is measured on the way moves it
      const top = this.root.scrollTop, height = this.root.clientHeight;
      if (this.tops[i] >= top && this.tops[i + 1] <= top + height) break;
      this.root.scrollTop = this.tops[i] - height / 3;
      this.render();
    }
    return this.nodes.get(this.ids[i]);
  }
}
