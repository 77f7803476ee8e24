(() => {
  const faults = [];
  const channels = (colour) => (colour.match(/[\d.]+/g) || []).map(Number);
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  // The nearest thing behind an element that can be seen.
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = channels(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  let least = 21;
  const judge = (element, what) => {
    const [a, b] = [luminance(channels(getComputedStyle(element).color)), luminance(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    least = Math.min(least, ratio);
    if (ratio < 4.5) faults.push(`contrast ${ratio.toFixed(2)} of "${what}"`); // WCAG 2.2, 1.4.3
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const what = texts.currentNode.textContent.trim();
    if (what && !texts.currentNode.parentElement.closest("svg")) judge(texts.currentNode.parentElement, what);
  }
  for (const e of document.querySelectorAll("input")) {
    judge(e, e.value);
    if (!e.labels || e.labels.length !== 1) faults.push("a field without a label");
  }
  const levels = [...document.querySelectorAll("h1,h2,h3,h4,h5,h6")].map((h) => Number(h.tagName[1]));
  if (levels.filter((l) => l === 1).length !== 1 || levels[0] !== 1 || levels.some((l, i) => i > 0 && l > levels[i - 1] + 1)) {
    faults.push(`headings ${levels}`);
  }
  if (document.querySelectorAll("main").length !== 1) faults.push("no main part");
  for (const e of document.querySelectorAll("a")) if (!e.textContent.trim()) faults.push("a link without words");
  for (const e of document.querySelectorAll("svg")) {
    if (e.getAttribute("role") !== "img" || !e.querySelector("title")) faults.push("a picture without words");
  }
  // WCAG 2.2, 2.5.8 asks for 24 pixels; a thumb likes 40.
  for (const e of document.querySelectorAll("a.button, summary, li a")) {
    if (e.getBoundingClientRect().height < 40) faults.push(`"${e.textContent.trim()}" is ${e.getBoundingClientRect().height} pixels high`);
  }
  const fold = document.querySelector("details");
  if (fold && !fold.open) faults.push("the code for the till does not unfold");
  return {
    language: document.documentElement.lang, width: document.documentElement.scrollWidth, title: document.title, faults, contrast: least,
  };
})()
