/* Copyright (c) 2026, the configmgr.tenant_attach authors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The HTML report: filters, links to findings, paper. Text of the report only ever becomes text of the page: nothing
 * here parses HTML. No task may block the page: whatever depends on the number of findings works in slices. */
"use strict";

(() => {
  const SLICE = 16; // Milliseconds of work between two chances for the browser to do something else.
  const FEW = 1024; // What may be done between two looks at the clock.
  const PAGE = 50; // Findings that are added at once.
  const ROWS = 100; // Rows of the matrix, likewise.
  const PAPER = 1000; // Findings that go on paper at most: some 200 pages.
  const PAUSE = 150; // Milliseconds without a key after which a text is looked for.
  const TROUBLE = ["fail", "unknown", "warn"];

  // -- what is measured: by the page itself, for tests and for whoever wonders ---------------------------------------

  const root = document.documentElement;
  root.dataset.state = "loading";
  root.dataset.longestTask = "0";
  const tasks = window.PerformanceObserver;
  if (tasks && tasks.supportedEntryTypes.includes("longtask")) {
    new tasks((list) => {
      const longest = Math.max(Number(root.dataset.longestTask), ...list.getEntries().map((entry) => entry.duration));
      root.dataset.longestTask = String(Math.round(longest));
    }).observe({ type: "longtask", buffered: true });
  }

  // -- small help ----------------------------------------------------------------------------------------------------

  const by = (id) => document.getElementById(id);

  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      made.setAttribute(key, value);
    }
    made.append(...children); // Strings become text nodes.
    return made;
  }

  const breath = () =>
    window.scheduler?.yield ? window.scheduler.yield() : new Promise((done) => setTimeout(done));

  /** Gives the browser its turn whenever a slice is used up. */
  function pace() {
    let since = performance.now();
    return async () => {
      if (performance.now() - since > SLICE) {
        await breath();
        since = performance.now();
      }
    };
  }

  const number = (value) => value.toLocaleString("en-US");

  function say(text) {
    by("live").textContent = text;
  }

  // -- the data ------------------------------------------------------------------------------------------------------

  let head; // What the numbers mean.
  const rows = []; // Of the matrix: [label, [key, value], verdict, cells].
  const values = []; // Texts, and lists of them.
  const column = {}; // By name, one number for each finding.

  async function load() {
    const turn = pace();
    let filled = 0;
    for (const block of document.querySelectorAll('script[type="application/json"]')) {
      const read = JSON.parse(block.textContent);
      if (read.findings !== undefined) {
        head = read;
        for (const name of head.columns) {
          column[name] = new Int32Array(head.findings);
        }
      } else if (read.rows) {
        rows.push(...read.rows);
      } else {
        values.push(...read.values);
        head.columns.forEach((name, index) => column[name].set(read.columns[index], filled));
        filled += read.columns[0].length;
      }
      await turn();
    }
  }

  function finding(index) {
    const at = (name) => column[name][index];
    const [id, title, why, expected, source] = values[at("kind")];
    const [remedy, command] = values[at("remedy")] || ["", ""];
    const name = values[at("name")];
    const row = rows[at("row")];
    return {
      id, title, why, expected, source, remedy, command, name,
      outcome: head.outcomes[at("outcome")],
      severity: head.severities[at("severity")],
      declared: head.severities[at("declared")],
      area: head.areas[at("area")],
      scope: head.scopes[at("scope")],
      site: row[1][0] === "site" ? row[1][1] : "",
      observed: values[at("observed")],
      reason: values[at("reason")],
      needs: values[at("needs")].map((need) => need.replaceAll(head.name, () => name)),
      rights: values[at("rights")],
      waiver: values[at("waiver")],
      standing: head.standings[at("standing")],
    };
  }

  function address(one) {
    const query = new URLSearchParams({ finding: one.id, scope: `${one.scope}:${one.name}` });
    if (one.site && one.scope !== "site") {
      query.set("at", one.site);
    }
    return `#${query}`;
  }

  // -- one finding ---------------------------------------------------------------------------------------------------

  function place(one) {
    if (one.scope === "site") {
      return `site ${one.name}`;
    }
    return one.site ? `${one.name} (site ${one.site})` : one.name;
  }

  const word = (outcome) => head.words[head.outcomes.indexOf(outcome)];

  function badge(name, text) {
    return element("span", { class: `badge ${name}` }, text);
  }

  function side(one) {
    const parts = [one.severity];
    if (one.declared !== one.severity) {
      parts.push(`, declared ${one.declared}`);
    }
    const made = element("span", { class: "side" }, ...parts);
    if (one.standing !== "none") {
      made.prepend(badge(one.standing, one.standing === "waived" ? "waived" : "waiver expired"), " ");
    }
    return made;
  }

  function list(texts, wrap) {
    return element("ul", {}, ...texts.map((text) => element("li", {}, wrap ? element(wrap, {}, text) : text)));
  }

  function remedy(one) {
    const made = element("dd", {}, element("p", {}, one.remedy));
    if (one.command) {
      const code = element("code", {}, one.command);
      const copy = element("button", { type: "button" }, "Copy");
      copy.addEventListener("click", () => copied(code, copy));
      const without = "It shows what would change. Without --check it makes the change.";
      made.append(element("div", { class: "command" }, code, copy), element("p", { class: "hint" }, without));
    }
    return made;
  }

  async function copied(code, button) {
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
      say("The command is copied.");
    } catch {
      // A sandbox may forbid the clipboard: then the text is selected, for the keyboard's own way.
      window.getSelection().selectAllChildren(code);
      button.textContent = "Selected";
      say("The clipboard is not allowed here. The command is selected: copy it with the keyboard.");
    }
  }

  function waiver(one) {
    const [owner, reason, ticket, expires, scope] = one.waiver;
    const state = one.standing === "expired" ? `Expired on ${expires}: the finding counts again.` : `Until ${expires}: the finding does not count.`;
    const facts = [`Accepted by ${owner}`, ticket ? `ticket ${ticket}` : "", `for ${scope}`].filter(Boolean).join(", ");
    return element("dd", {}, element("p", {}, state), element("p", {}, reason), element("p", { class: "hint" }, facts));
  }

  function severity(one) {
    return one.declared === one.severity
      ? one.severity
      : `${one.severity} here, by override; the catalogue declares it ${one.declared}`;
  }

  function body(one) {
    const made = element("dl");
    const add = (term, content) => {
      if (content) {
        const inside = content instanceof Node && content.nodeName === "DD" ? content : element("dd", {}, content);
        made.append(element("dt", {}, term), inside);
      }
    };
    add("Expected", one.expected);
    add("Observed", one.observed);
    add("Reason", one.reason);
    add("What to do", one.remedy && remedy(one));
    add("Waiver", one.waiver && waiver(one));
    add("Severity", severity(one));
    add("Evidence", one.needs.length ? list(one.needs, "code") : "");
    add("Rights", one.rights.length ? list(one.rights) : "");
    const link = element("a", { href: address(one) }, "Link to this finding");
    const about = element("dd", {}, element("code", {}, one.id), " \u00b7 ", link);
    if (one.source) {
      about.append(" \u00b7 ", element("a", { href: one.source, rel: "noopener noreferrer" }, "Source of the condition"));
    }
    add("Condition", about);
    return element("div", { class: "body" }, ...(one.why ? [element("p", {}, one.why)] : []), made);
  }

  function item(index) {
    const one = finding(index);
    const said = [one.observed, one.reason].filter(Boolean).join("; ") || "nothing was observed";
    const summary = element(
      "summary", {},
      badge(one.outcome, word(one.outcome)),
      element("h3", {}, one.title),
      side(one),
      element("span", { class: "place" }, place(one)),
      element("span", { class: "said" }, said),
    );
    return element("li", {}, element("details", { class: `finding ${one.outcome}` }, summary, body(one)));
  }

  // -- filters: in the form, and in the address ----------------------------------------------------------------------

  const chips = { outcome: [], severity: [] };
  let linked = ""; // The part of the address that names one finding.

  const options = (kind) => (kind === "outcome" ? head.outcomes : head.severities);
  const usual = (kind) => (kind === "outcome" ? TROUBLE : head.severities);
  const chosen = (kind) => chips[kind].filter((chip) => chip.checked).map((chip) => chip.value);

  async function form() {
    const counts = { outcome: new Map(), severity: new Map() };
    for (const kind of ["outcome", "severity"]) {
      const numbers = new Uint32Array(options(kind).length);
      column[kind].forEach((value) => { numbers[value] += 1; });
      options(kind).forEach((name, index) => counts[kind].set(name, numbers[index]));
      await breath();
      for (const name of options(kind)) {
        const box = element("input", { type: "checkbox", name: kind, value: name });
        chips[kind].push(box);
        const text = kind === "outcome" ? word(name) : name;
        const label = element("label", { class: `chip ${name}` }, box, text, " ", element("span", {}, number(counts[kind].get(name))));
        by(kind === "outcome" ? "outcomes" : "severities").append(label);
      }
    }
    const turn = pace();
    for (const [label, key] of rows) {
      by("site").append(element("option", { value: key.join(":") }, label));
      await turn();
    }
    for (const area of head.areas) {
      by("area").append(element("option", { value: area }, area.replaceAll("_", " ")));
    }
    by("waiver-label").hidden = !column.standing.some(Boolean);
    by("filter").hidden = false;
    by("tools").hidden = false;
  }

  /** Sets the form to what the address says. */
  function read() {
    const query = new URLSearchParams(location.hash.slice(1));
    for (const kind of ["outcome", "severity"]) {
      const wanted = query.has(kind) ? query.get(kind).split(",") : usual(kind);
      chips[kind].forEach((chip) => { chip.checked = wanted.includes(chip.value); });
    }
    const [key] = ["site", "part"].filter((name) => query.has(name));
    by("site").value = key ? `${key}:${query.get(key)}` : "";
    by("area").value = query.get("area") || "";
    by("waiver").value = query.get("waiver") || "";
    // What the page does not have is not chosen: that is for `all`, not for an empty field.
    for (const id of ["site", "area", "waiver"]) {
      if (by(id).selectedIndex < 0) {
        by(id).value = "";
      }
    }
    by("text").value = query.get("text") || "";
    linked = query.has("finding") ? query : "";
  }

  /** Writes the form into the address. */
  function write() {
    const query = new URLSearchParams();
    for (const kind of ["outcome", "severity"]) {
      const now = chosen(kind).join(",");
      if (now !== options(kind).filter((name) => usual(kind).includes(name)).join(",")) {
        query.set(kind, now);
      }
    }
    const place = by("site").value;
    if (place) {
      query.set(place.slice(0, 4), place.slice(5)); // site:P01, part:tenant
    }
    for (const id of ["area", "waiver", "text"]) {
      if (by(id).value.trim()) {
        query.set(id, by(id).value.trim());
      }
    }
    linked = "";
    const text = query.toString();
    history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
  }

  // -- finding what is asked for -------------------------------------------------------------------------------------

  let job = 0;
  let found = new Int32Array(0);
  let shown = 0;

  function spoken(value) {
    if (Array.isArray(value)) {
      return value.join("\n").toLowerCase();
    }
    return value === null ? "" : value.toLowerCase();
  }

  /** Tells for each value whether a word is in it. */
  async function holding(text, current) {
    const turn = pace();
    const hits = new Uint8Array(values.length);
    for (let index = 0; index < values.length && current(); index += 1) {
      hits[index] = Number(spoken(values[index]).includes(text));
      if (index % FEW === 0) {
        await turn();
      }
    }
    return hits;
  }

  async function search(current) {
    const flags = (kind) => Uint8Array.from(options(kind), (name) => Number(chosen(kind).includes(name)));
    const outcome = flags("outcome");
    const severity = flags("severity");
    const row = rows.findIndex(([, key]) => key.join(":") === by("site").value);
    const area = head.areas.indexOf(by("area").value);
    const standing = head.standings.indexOf(by("waiver").value);
    const texts = by("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const words = [];
    for (const text of texts) {
      words.push(await holding(text, current));
    }
    const places = ["kind", "name", "observed", "reason", "remedy", "waiver"].map((name) => column[name]);
    // The site is said by its row, and by no value.
    const labels = texts.map((text) => Uint8Array.from(rows, ([label]) => Number(label.toLowerCase().includes(text))));
    const result = new Int32Array(head.findings);
    const turn = pace();
    let size = 0;
    for (let index = 0; index < head.findings && current(); index += 1) {
      if (
        outcome[column.outcome[index]] && severity[column.severity[index]] &&
        (row < 0 || column.row[index] === row) &&
        (area < 0 || column.area[index] === area) &&
        (standing < 0 || column.standing[index] === standing) &&
        words.every((hits, at) => labels[at][column.row[index]] || places.some((numbers) => hits[numbers[index]]))
      ) {
        result[size] = index;
        size += 1;
      }
      if (index % FEW === 0) {
        await turn();
      }
    }
    return result.subarray(0, size);
  }

  /** Finds what matches, and shows the first of it. A newer call ends an older one. */
  async function apply() {
    job += 1;
    const mine = job;
    const current = () => mine === job;
    root.dataset.state = "busy";
    const result = await search(current);
    if (!current()) {
      return;
    }
    found = result;
    shown = 0;
    by("list").replaceChildren();
    await point(current);
    await more(PAGE, current);
    if (current()) {
      const many = `${number(found.length)} of ${number(head.findings)} findings`;
      by("count").textContent = found.length ? many : `${many}. Nothing matches: widen the filters, or reset them.`;
      root.dataset.state = "ready";
    }
  }

  async function more(size, current = () => true) {
    const turn = pace();
    const end = Math.min(shown + size, found.length);
    while (shown < end && current()) {
      by("list").append(item(found[shown]));
      shown += 1;
      await turn();
    }
    const rest = found.length - shown;
    by("more").hidden = rest <= 0;
    by("more").textContent = `Show ${number(Math.min(rest, PAGE))} more of ${number(rest)}`;
  }

  /** Shows the finding that the address names, whatever the filters hide. */
  async function point(current) {
    by("linked").hidden = true;
    by("linked-list").replaceChildren();
    if (!linked) {
      return;
    }
    const [kind, ...rest] = (linked.get("scope") || "").split(":");
    const turn = pace();
    for (let index = 0; index < head.findings && current(); index += 1) {
      if (
        values[column.kind[index]][0] === linked.get("finding") &&
        head.scopes[column.scope[index]] === kind &&
        values[column.name[index]] === rest.join(":") &&
        (!linked.has("at") || finding(index).site === linked.get("at"))
      ) {
        const made = item(index);
        made.firstElementChild.open = true;
        by("linked-list").append(made);
        by("linked").hidden = false;
        by("linked").scrollIntoView({ block: "start" });
        made.querySelector("summary").focus({ preventScroll: true });
        return;
      }
      if (index % FEW === 0) {
        await turn();
      }
    }
    if (current()) {
      by("linked-list").append(element("li", { class: "plain" }, "This report has no such finding."));
      by("linked").hidden = false;
      by("linked").scrollIntoView({ block: "start" });
    }
  }

  // -- the matrix ----------------------------------------------------------------------------------------------------

  function cell(key, area, numbers) {
    const worst = numbers.findIndex(Boolean);
    if (worst < 0) {
      return element("td");
    }
    const name = head.cell[worst];
    const query = new URLSearchParams([key, ["area", area]]);
    if (!TROUBLE.includes(name)) {
      query.set("outcome", head.outcomes.join(","));
    }
    const text = `${number(numbers[worst])} ${name === "waived" ? name : word(name)}`;
    return element("td", {}, element("a", { class: `cell ${name}`, href: `#${query}` }, text));
  }

  function line([label, key, verdict, cells]) {
    const name = element("a", { href: `#${new URLSearchParams([key])}` }, label);
    return element(
      "tr", {},
      element("th", { scope: "row" }, name),
      element("td", {}, badge(verdict, verdict.replaceAll("_", " "))),
      ...cells.map((numbers, index) => cell(key, head.areas[index], numbers)),
    );
  }

  async function moreRows() {
    const turn = pace();
    const first = by("rows").rows.length;
    const end = Math.min(first + ROWS, rows.length);
    for (let index = first; index < end; index += 1) {
      by("rows").append(line(rows[index]));
      await turn();
    }
    countRows();
    by("rows").rows[first].querySelector("a").focus();
  }

  function countRows() {
    const now = by("rows").rows.length;
    const rest = rows.length - now;
    by("rows-shown").textContent = `${number(now)} of ${number(rows.length)} rows.`;
    by("more-rows").hidden = rest <= 0;
    by("more-rows").textContent = `Show ${number(Math.min(rest, ROWS))} more rows of ${number(rest)}`;
  }

  // -- paper ---------------------------------------------------------------------------------------------------------

  let closed = null; // What was closed before it went on paper.

  /** Adds what is filtered and opens all of it. `event` is there when the browser does not wait. */
  function unfold() {
    if (closed) {
      return;
    }
    while (shown < Math.min(found.length, PAPER)) {
      by("list").append(item(found[shown]));
      shown += 1;
    }
    closed = [...document.querySelectorAll("details:not([open])")];
    closed.forEach((each) => { each.open = true; });
    const left = found.length - shown;
    by("printed").textContent = left > 0 ? `${number(left)} more findings are not on paper. readiness.json has all of them.` : "";
  }

  function fold() {
    (closed || []).forEach((each) => { each.open = false; });
    closed = null;
    by("printed").textContent = "";
    more(0);
  }

  async function print() {
    await more(PAPER - shown);
    window.print();
  }

  // -- colours -------------------------------------------------------------------------------------------------------

  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);

  function nameTheme() {
    by("theme").textContent = isDark() ? "Light" : "Dark";
    by("theme").setAttribute("aria-label", isDark() ? "Light colours" : "Dark colours");
  }

  // -- all together --------------------------------------------------------------------------------------------------

  function connect() {
    let waiting = 0;
    const changed = () => {
      clearTimeout(waiting);
      write();
      apply();
    };
    by("filter").addEventListener("submit", (event) => event.preventDefault());
    by("filter").addEventListener("change", changed);
    by("text").addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(changed, PAUSE);
    });
    by("reset").addEventListener("click", (event) => {
      event.preventDefault();
      history.replaceState(null, "", location.pathname + location.search);
      read();
      apply();
      say("All filters are reset.");
    });
    by("more").addEventListener("click", async () => {
      const first = shown;
      await more(PAGE);
      by("list").children[first].querySelector("summary").focus();
    });
    by("more-rows").addEventListener("click", moreRows);
    by("print").addEventListener("click", print);
    by("theme").addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      nameTheme();
    });
    dark.addEventListener("change", nameTheme);
    window.addEventListener("beforeprint", unfold);
    window.addEventListener("afterprint", fold);
    window.addEventListener("hashchange", async () => {
      // A plain anchor is a place on the page. The filters stay.
      if (location.hash && !location.hash.includes("=")) {
        return;
      }
      read();
      await apply();
      if (!linked) {
        by("findings").scrollIntoView({ block: "start" });
        by("findings").focus({ preventScroll: true });
      }
    });
  }

  document.addEventListener("DOMContentLoaded", async () => {
    by("count").textContent = "Reading the findings.";
    await load();
    await form();
    countRows();
    nameTheme();
    read();
    connect();
    await apply();
  });
})();
