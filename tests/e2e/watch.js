// Looks at every page as it opens and complains on the console of what no page may do.
(function () {
  "use strict";
  function complain(what, element) {
    console.error(location.pathname + ": " + what + (element ? " " + element.outerHTML.slice(0, 160) : ""));
  }
  document.addEventListener("securitypolicyviolation", function (event) {
    complain("policy " + event.violatedDirective + " " + event.blockedURI);
  });
  document.addEventListener("DOMContentLoaded", function () {
    if (!document.querySelector("main")) { return; }
    named();
    headings();
    if (document.documentElement.scrollWidth > window.innerWidth) {
      complain("wider than the window by " + (document.documentElement.scrollWidth - window.innerWidth));
    }
    if (window.innerWidth >= 1366) {
      document.querySelectorAll(".wide").forEach(function (list) {
        if (list.scrollWidth > list.clientWidth + 1) { complain("rows longer than their list by " + (list.scrollWidth - list.clientWidth)); }
      });
    }
  });
  function named() {
    document.querySelectorAll("input:not([type=hidden]), select, textarea").forEach(function (field) {
      var said = field.getAttribute("aria-label") || Array.from(field.labels).map(function (label) { return label.textContent; }).join("");
      if (!said.trim()) { complain("field without a name", field); }
    });
    document.querySelectorAll("img:not([alt])").forEach(function (image) { complain("picture without words", image); });
    document.querySelectorAll("a[href], button, summary").forEach(function (control) {
      if (!(control.textContent.trim() || control.getAttribute("aria-label") || control.querySelector("img[alt]"))) { complain("nothing to read on", control); }
    });
    var seen = {};
    document.querySelectorAll("[id]").forEach(function (element) {
      if (seen[element.id]) { complain("the id twice", element); }
      seen[element.id] = true;
    });
    if (!document.documentElement.lang) { complain("language not said"); }
    if (!document.title.trim()) { complain("no title"); }
  }
  function headings() {
    var found = Array.from(document.querySelectorAll("h1, h2, h3, h4, h5, h6"));
    var firsts = found.filter(function (heading) { return heading.tagName === "H1"; });
    if (firsts.length !== 1) { complain(firsts.length + " headings of the first level"); }
    found.reduce(function (before, heading) {
      var level = Number(heading.tagName[1]);
      if (level > before + 1) { complain("a level of headings is left out before", heading); }
      return level;
    }, 0);
  }
})();
