/* Draws every [data-chart] with ECharts on canvas (its SVG writer needs inline style, which the CSP forbids); the table beside it is the text form. */
(() => {
  "use strict";
  const root = getComputedStyle(document.documentElement);
  const token = (name) => root.getPropertyValue(name).trim();
  const still = document.documentElement.dataset.elder === "1" || matchMedia("(prefers-reduced-motion: reduce)").matches;
  const size = parseFloat(root.fontSize);
  const base = {
    color: [token("--primary"), token("--accent"), token("--info"), token("--ok"), token("--warn"), token("--danger")],
    textStyle: { fontFamily: token("--type"), fontSize: size * 0.875, color: token("--ink") },
    animation: !still, animationDuration: 150, grid: { left: 8, right: 24, top: 16, bottom: 8, containLabel: true }, tooltip: { renderMode: "richText" },
  };
  for (const box of document.querySelectorAll("[data-chart]")) {
    const chart = window.echarts.init(box, null, { renderer: "canvas" });
    chart.setOption({ ...base, ...JSON.parse(box.dataset.chart) });
    new ResizeObserver(() => chart.resize()).observe(box);
  }
})();
