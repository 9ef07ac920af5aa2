"""Sentences for what is wrong with map files and regions; `errors` puts them with the others."""

from __future__ import annotations

ROAD_SENTENCES: dict[str, str] = {
    "bad_prefix": "编码前缀“{value}”不合规:1 至 10 位字母或数字。",
    "bad_corner": "第 {line} 行“{value}”不是角点:应为“纬度,经度”,例如 44.2100, 80.4200。",
    "too_many_sites": "一次最多 {maximum} 个场所。",
    "file_over_limit": "文件超过上限 {maximum_mb} MB。",
    "not_base64": "文件内容应为 base64。",
    "region_touches_nothing": "区域没有碰到任何道路:请核对角点的纬度、经度和次序。",
    "road_file_unknown_ending": "不认识的地图文件“{name}”:应为 .osm.pbf、.osm 或 .geojson。",
    "road_file_too_large": "文件解开后超过上限。请取小一些的区域。",
    "road_file_too_many_points": "文件中的点超过 {maximum} 个。请取小一些的区域。",
    "road_file_too_many_lines": "文件中的道路超过 {maximum} 条。请取小一些的区域。",
    "road_file_line_too_long": "道路 {line} 的点超过 {maximum} 个。",
    "road_file_too_many_roads": "合并后仍有 {count} 条道路,一次最多 {maximum} 条。请取小一些的区域,或只取主要道路。",
    "road_file_no_roads": "文件中没有可用的道路。",
    "road_file_off_the_earth": "点 {point} 的坐标不在地球上。",
    "road_file_has_document_type": "文件带有 DOCTYPE,不接受。请重新从地图下载。",
    "road_file_broken_xml": "文件不完整或已损坏(第 {line} 行)。",
    "road_file_not_osm": "不是 OpenStreetMap 文件:最外层是“{element}”。",
    "road_file_broken_pbf": "文件不完整或已损坏,或不是 .osm.pbf。",
    "road_file_packed_otherwise": "此 .osm.pbf 的压缩方式不支持,请用 zlib 压缩的文件。",
    "road_file_needs_more": "此 .osm.pbf 需要不支持的功能:{feature}。",
    "road_file_broken_json": "不是完整的 JSON。",
    "road_file_not_geojson": "不是 GeoJSON(FeatureCollection、Feature、LineString 或 Polygon)。",
    "road_file_no_region": "GeoJSON 中没有面(Polygon)。",
    "road_file_too_few_corners": "区域至少要三个不同的角点,现有 {corners} 个。",
    "road_file_too_many_corners": "区域的角点超过 {maximum} 个。",
}
