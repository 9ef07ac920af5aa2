// The sketch map: our own roads, sites and incidents over a graticule; no tiles, no borders, nothing from outside.
//
// A page asks for it with
//   <div class="map" data-map data-url="/map/data" data-routes="/plans/X/routes" data-attribution="..."></div>
// `data-url` answers {roads, sites, incidents}; `data-routes`, if given, answers
//   {"routes": [{"name": "...", "detail": "...", "points": [[lat, lon], ...]}]}
// and each route is drawn over the roads in a colour of its own. A page that draws later (after choosing a vehicle, say)
// waits for the event "map:ready" on the element and calls event.detail.drawRoutes(routes); calling it again replaces them.
(function () {
  "use strict";
  var STATES = { open: "#1e8449", limited: "#d68910", closed: "#c0392b" };
  var SITES = { warehouse: "#0b4f6c", reserve_point: "#2e86ab", delivery_point: "#7d3c98" };
  var RADII = { warehouse: 10, reserve_point: 8 };
  var NEAR_M = 25000;
  var ROUTES = ["#0057e7", "#d62d20", "#6a1b9a", "#00838f", "#ef6c00", "#37474f", "#ad1457", "#558b2f"];
  document.querySelectorAll("[data-map]").forEach(start);

  function start(element) {
    var map = L.map(element, { zoomControl: true, attributionControl: true, maxZoom: 15, minZoom: 5, zoomSnap: 0.25, zoomDelta: 1 });
    map.attributionControl.setPrefix(false).addAttribution(element.dataset.attribution);
    L.control.scale({ imperial: false }).addTo(map);
    map.createPane("graticule").style.zIndex = 250;
    map.setView([44.2, 80.42], 10);
    var grid = L.layerGroup().addTo(map);
    map.on("moveend", function () { drawGraticule(map, grid); });
    var routes = L.layerGroup().addTo(map);
    function drawRoutes(found) {
      routes.clearLayers();
      found.forEach(function (route, place) {
        var line = L.polyline(route.points, { color: ROUTES[place % ROUTES.length], weight: 4, opacity: 0.85, dashArray: "10 6" });
        line.bindTooltip([route.name, route.detail].filter(Boolean).join(" · "), { sticky: true }).addTo(routes);
      });
    }
    if (element.dataset.corners) { drawCorners(map, document.getElementById(element.dataset.corners)); }
    fetchJson(element.dataset.url).then(function (data) {
      fit(map, draw(map, data), data.incidents);
      element.dispatchEvent(new CustomEvent("map:ready", { detail: { map: map, drawRoutes: drawRoutes } }));
    });
    if (element.dataset.routes) {
      fetchJson(element.dataset.routes).then(function (data) { drawRoutes(data.routes); });
    }
  }

  // A field with one "latitude, longitude" a line is a region: drawn as it stands there, and a click adds a corner.
  function drawCorners(map, field) {
    var shape = L.polygon([], { color: "#c0392b", weight: 2, fillOpacity: 0.15, interactive: false }).addTo(map);
    var marks = L.layerGroup().addTo(map);
    function read() {
      return field.value.split("\n").map(function (line) {
        var pair = line.trim().split(/[\s,,、]+/).map(Number);
        return pair.length === 2 && isFinite(pair[0]) && isFinite(pair[1]) && line.trim() ? pair : null;
      }).filter(Boolean);
    }
    function show() {
      var corners = read();
      shape.setLatLngs(corners);
      marks.clearLayers();
      corners.forEach(function (corner) { L.circleMarker(corner, { radius: 4, color: "#c0392b", fillOpacity: 1, interactive: false }).addTo(marks); });
    }
    map.on("click", function (event) {
      var text = event.latlng.lat.toFixed(6) + ", " + event.latlng.lng.toFixed(6);
      field.value = (field.value.trim() ? field.value.trim() + "\n" : "") + text;
      show();
    });
    field.addEventListener("input", show);
    show();
  }

  function fetchJson(address) {
    return fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok) { throw new Error(answer.status + " " + address); }
      return answer.json();
    });
  }

  function draw(map, data) {
    var near = [];
    // Two roads may join the same places: what is closed is drawn over what is open.
    inOrder(data.roads, ["open", "limited", "closed"], "status").forEach(function (road) {
      var line = L.polyline(road.points, { color: STATES[road.status], weight: road.status === "open" ? 3 : 5, opacity: 0.8 });
      // A wide invisible line above the thin one, so that a finger can hit it.
      var target = L.polyline(road.points, { color: STATES[road.status], weight: 18, opacity: 0 });
      line.addTo(map);
      target.addTo(map).bindTooltip(road.name + " " + road.status_word, { sticky: true }).bindPopup(function () { return roadPopup(road); });
    });
    // Two sites may share an address: the small dot is drawn inside the large one.
    inOrder(data.sites, ["warehouse", "reserve_point"], "kind").forEach(function (site) {
      near.push(site.point);
      var dot = L.circleMarker(site.point, {
        radius: RADII[site.kind] || 5, color: "#fff", weight: 2, fillOpacity: 1, fillColor: SITES[site.kind] || "#78909c"
      });
      dot.addTo(map).bindPopup(function () { return sitePopup(site); }).bindTooltip(site.name, { direction: "top" });
    });
    data.incidents.forEach(function (incident) {
      near.push(incident.point);
      var mark = L.circleMarker(incident.point, { radius: 14, color: "#c0392b", weight: 4, fillColor: "#c0392b", fillOpacity: 0.25 });
      mark.addTo(map).bindTooltip(incident.name, { permanent: true, direction: "right", className: "incident-name" });
    });
    return near.length ? near : data.roads.reduce(function (points, road) { return points.concat(road.points); }, []);
  }

  function inOrder(things, order, name) {
    function rank(thing) { var place = order.indexOf(thing[name]); return place < 0 ? order.length : place; }
    return things.slice().sort(function (one, other) { return rank(one) - rank(other); });
  }

  function fit(map, points, incidents) {
    // Most of the work is close together, around the incident if there is one; a store far away must not shrink it to a dot.
    if (!points.length) { return; }
    var middle = L.latLng(incidents.length ? incidents[0].point : [median(points, 0), median(points, 1)]);
    var close = points.filter(function (point) { return middle.distanceTo(L.latLng(point)) < NEAR_M; });
    map.fitBounds(L.latLngBounds(close.length ? close : points).pad(0.2), { animate: false, maxZoom: 12 });
  }

  function median(points, axis) {
    var values = points.map(function (point) { return point[axis]; }).sort(function (a, b) { return a - b; });
    return values[Math.floor(values.length / 2)];
  }

  function fromTemplate(id) {
    return document.getElementById(id).content.firstElementChild.cloneNode(true);
  }

  function roadPopup(road) {
    var popup = fromTemplate("road-report");
    popup.querySelector("[data-name]").textContent = road.name;
    popup.querySelector("[data-status]").textContent = road.status_word;
    popup.querySelector("[data-status]").classList.add("road-" + road.status);
    popup.querySelector("[data-facts]").textContent = road.km + " km" + (road.reason ? " · " + road.reason : "");
    var form = popup.querySelector("form");
    if (form) {
      form.setAttribute("action", form.dataset.action.replace("CODE", encodeURIComponent(road.code)));
      form.querySelector("select").value = road.status;
    }
    return popup;
  }

  function sitePopup(site) {
    var popup = fromTemplate("site-popup");
    popup.querySelector("[data-name]").textContent = site.name;
    popup.querySelector("[data-kind]").textContent = site.kind_word + " · " + site.level_word;
    var body = popup.querySelector("tbody");
    site.stock.forEach(function (found) {
      var row = body.insertRow();
      row.insertCell().textContent = found.name;
      var amount = row.insertCell();
      amount.className = "n";
      amount.textContent = found.quantity.toLocaleString() + " " + found.unit;
    });
    if (site.items > site.stock.length) { body.insertRow().insertCell().textContent = "… " + site.items; }
    var link = popup.querySelector("[data-link]");
    link.setAttribute("href", link.dataset.link.replace("CODE", encodeURIComponent(site.code)));
    return popup;
  }

  function drawGraticule(map, grid) {
    grid.clearLayers();
    var bounds = map.getBounds();
    var span = Math.max(bounds.getEast() - bounds.getWest(), 0.01);
    var step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5].find(function (size) { return span / size <= 8; }) || 10;
    var digits = step < 0.1 ? 2 : step < 1 ? 1 : 0;
    var style = { color: "#8aa0ab", weight: 1, opacity: 0.5, interactive: false, pane: "graticule" };
    var value;
    for (value = Math.ceil(bounds.getWest() / step) * step; value <= bounds.getEast(); value += step) {
      L.polyline([[bounds.getSouth(), value], [bounds.getNorth(), value]], style).addTo(grid);
      name([bounds.getSouth(), value], value.toFixed(digits) + "°E", "meridian");
    }
    for (value = Math.ceil(bounds.getSouth() / step) * step; value <= bounds.getNorth(); value += step) {
      L.polyline([[value, bounds.getWest()], [value, bounds.getEast()]], style).addTo(grid);
      name([value, bounds.getEast()], value.toFixed(digits) + "°N", "parallel");
    }
    function name(point, text, kind) {
      L.marker(point, { interactive: false, keyboard: false, icon: L.divIcon({ className: "graticule-name " + kind, html: text, iconSize: null }) }).addTo(grid);
    }
  }
})();
