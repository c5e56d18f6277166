#!/usr/bin/python3
"""Opens every page in a real browser: html_pages.py BIG PAGE...

Prints a line "ok - ..." or "not ok - ..." for each thing that must hold.
BIG is the page of many runs: it must open within its time; the others are
looked at at two widths, in light and dark, with and without script.
"""
import os
import struct
import subprocess
import sys
import tempfile
import zlib

from chromium import Browser

bad = 0


def say(good, name, why=''):
    global bad
    print('%s - %s' % ('ok' if good else 'not ok', name))
    if not good:
        bad = 1
        print('# ' + str(why)[:2000])


def colours(path):
    """How many different pixels a PNG of 8-bit RGB or RGBA has."""
    data = open(path, 'rb').read()
    at, raw, width, kind = 8, b'', 0, 0
    while at < len(data):
        size, what = struct.unpack('>I4s', data[at:at + 8])
        if what == b'IHDR':
            width, _, _, kind = struct.unpack('>IIBB', data[at + 8:at + 18])
        elif what == b'IDAT':
            raw += data[at + 8:at + 8 + size]
        at += size + 12
    pixel = 4 if kind == 6 else 3
    raw = zlib.decompress(raw)
    seen = set()
    # Filters make equal pixels differ, but a blank page has none that do.
    for row in range(0, len(raw), width * pixel + 1):
        line = raw[row + 1:row + 1 + width * pixel]
        seen.update(line[i:i + pixel] for i in range(0, len(line), pixel))
    return len(seen)


# Text whose contrast with the ground it stands on is below 4.5 (WCAG 1.4.3).
CONTRAST = '''(() => {
  const rgb = (s) => (s.match(/[\\d.]+/g) || []).map(Number);
  const lum = (c) => [0, 1, 2].map((i) => c[i] / 255).map((v) =>
      v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
      .reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (el) => {
    for (; el; el = el.parentElement) {
      const c = rgb(getComputedStyle(el).backgroundColor);
      if (c.length === 3 || c[3] > 0.99) return c;
    }
    return [255, 255, 255];
  };
  const low = new Set();
  for (const el of document.querySelectorAll('body *')) {
    const svg = el instanceof SVGElement;
    const own = [...el.childNodes].some((n) => n.nodeType === 3 &&
        n.data.trim() !== '');
    if (!own || (svg && el.tagName !== 'text')) continue;
    if (el.closest('script,style,option,title,desc')) continue;
    const style = getComputedStyle(el);
    const a = lum(rgb(svg ? style.fill : style.color));
    const b = lum(ground(el));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5)
      low.add(el.tagName + '.' + el.getAttribute('class') + ' ' +
          ratio.toFixed(2));
  }
  return [...low].join(', ');
})()'''

# Pictures without anything in them, or without words for them.
EMPTY = '''[...document.querySelectorAll('svg[role=img]')].filter((s) =>
    !s.querySelector('use,rect,path') || !s.querySelector('title') ||
    !s.querySelector('desc') || s.getBoundingClientRect().width < 100)
    .map((s) => s.outerHTML.slice(0, 200)).join('; ')'''

# A label that no control has, a control that no label names.
LABELS = '''[...document.querySelectorAll('input,select,button')].filter((c) =>
    !c.textContent.trim() && !(c.labels && c.labels.length))
    .map((c) => c.outerHTML).join('; ')'''

# Links within the page that lead nowhere, ids that are there twice.
LINKS = '''(() => {
  const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
  const twice = ids.filter((id, i) => ids.indexOf(id) !== i);
  const dead = [...document.querySelectorAll('a[href^="#"]')].filter((a) =>
      !document.getElementById(
          decodeURIComponent(a.getAttribute('href').slice(1))))
      .map((a) => a.getAttribute('href'));
  return [...twice, ...new Set(dead)].slice(0, 20).join(', ');
})()'''

SHOWN = '''[...document.querySelectorAll('#matrix tr[data-r]')].filter((r) =>
    !r.hidden).length'''
UNROLL = '''document.querySelectorAll('article,.late').forEach((a) => {
  a.style.contentVisibility = 'visible'; });'''


def look(browser, page, name, width, dark):
    browser.open(page, width, dark=dark)
    where = '%s, %d px, %s' % (name, width, 'dark' if dark else 'light')
    say(not browser.complaints, where + ': no complaint',
        browser.complaints)
    browser.js(UNROLL)
    wide = browser.js('document.scrollingElement.scrollWidth')
    say(wide <= width, where + ': nothing sticks out', wide)
    empty = browser.js(EMPTY)
    say(not empty, where + ': every picture has content and words', empty)
    low = browser.js(CONTRAST)
    say(not low, where + ': text can be read on its ground', low)
    shot = os.path.join(tempfile.gettempdir(), 'shot.png')
    browser.screenshot(shot)
    seen = colours(shot)
    say(seen > 20, where + ': the picture is not blank', seen)
    os.unlink(shot)


def structure(browser, page, name):
    browser.open(page, 1280)
    # A page of one run alone has no list of requirements to lead to.
    whole = browser.js("!!document.querySelector('#matrix,#changes')")
    links = browser.js(LINKS) if whole else ''
    say(not links, name + ': every link within leads somewhere', links)
    labels = browser.js(LABELS)
    say(not labels, name + ': every control has a name', labels)
    # What is not in view yet has no innerText: it is laid out late.
    browser.js(UNROLL)
    text = browser.js('document.body.innerText.length')
    browser.open(page, 1280, script=False)
    browser.js(UNROLL)
    plain = browser.js('document.body.innerText.length') or 0
    say(plain > 0.9 * text, name + ': all is there without script',
        '%s of %s' % (plain, text))


# What must be on paper, and what a reader of paper has no use for.
KEPT = '''[...document.querySelectorAll(
    'h1,h3,.sentence,.cmd,thead th,#words dt')]
    .filter((e) => !e.querySelector('.sr')).map((e) => e.textContent)
    .join(' ')'''
DROPPED = '''[...document.querySelectorAll('.filters legend,' +
    '.filters button,.skip,article details:not([open])>summary')]
    .map((e) => e.textContent)'''


def squeezed(text):
    """Lines break elsewhere on paper, and hyphens at their ends are lost."""
    return ''.join(text.split()).replace('-', '')


def on_paper(browser, page, name):
    browser.open(page, 1280, dark=True)
    kept, dropped = browser.js(KEPT), browser.js(DROPPED)
    pdf = os.path.join(tempfile.gettempdir(), 'paper.pdf')
    browser.paper(pdf)
    text = squeezed(subprocess.run(['pdftotext', pdf, '-'], check=True,
                                   stdout=subprocess.PIPE).stdout.decode())
    # Cells side by side are told line by line, and fonts lack signs.
    lost = [k for k in kept.split() if k.isascii() and
            squeezed(k) not in text]
    say(not lost, name + ': the facts are on paper', lost)
    there = [d for d in map(squeezed, dropped) if d and d in text]
    say(not there, name + ': controls and folded parts are not', there)
    gray = subprocess.run(['pdftoppm', '-gray', '-r', '20', pdf], check=True,
                          stdout=subprocess.PIPE).stdout
    # Headers of the pictures are few octets among theirs.
    dark = sum(octet < 128 for octet in gray) / len(gray)
    say(dark < 0.1, name + ': paper stays white', dark)
    os.unlink(pdf)


def set_filter(browser, field, value):
    browser.js('''(() => { const f = document.getElementById('filters');
      f.elements[%r].value = %r;
      f.dispatchEvent(new Event('input')); })()''' % (field, value))


def filters(browser, page, name):
    browser.open(page, 1280)
    rows = browser.js(SHOWN)
    say(browser.js("!document.getElementById('filters').hidden"),
        name + ': the filters are there')
    fails = browser.js('''(() => {
      document.querySelectorAll('input[name=result]').forEach((b) => {
        b.checked = b.value === 'fail'; });
      document.getElementById('filters').dispatchEvent(new Event('input'));
      return [...document.querySelectorAll('#matrix tr[data-r]')].filter(
          (r) => r.dataset.r.split(' ').includes('fail')).length; })()''')
    say(0 < fails < rows and browser.js(SHOWN) == fails,
        name + ': the filter of results shows the failed ones',
        (fails, rows, browser.js(SHOWN)))
    browser.js("document.querySelector('#filters button').click()")
    browser.js('new Promise((r) => setTimeout(r, 0))')
    say(browser.js(SHOWN) == rows, name + ': the button shows all again')
    for field, data in (('level', 'l'), ('tag', 't'), ('clause', 'c')):
        value = browser.js('''[...document.getElementById('filters')
          .elements[%r].options].map((o) => o.value).filter(Boolean).find(
          (v) => [...document.querySelectorAll('#matrix tr[data-r]')].some(
          (r) => r.dataset[%r].split(' ').includes(v)))''' % (field, data))
        set_filter(browser, field, value)
        want = browser.js('''[...document.querySelectorAll(
          '#matrix tr[data-r]')].filter((r) => r.dataset[%r].split(' ')
          .includes(%r)).length''' % (data, value))
        say(0 < want == browser.js(SHOWN), '%s: the filter of %s works' %
            (name, field), (value, want, browser.js(SHOWN)))
        set_filter(browser, field, '')
    set_filter(browser, 'text', 'no scenario has this')
    say(browser.js(SHOWN) == 0, name + ': the filter of names works')


# From the start of the navigation: the end of the load event, and the first
# frame after it.
TIMES = '''new Promise((done) => requestAnimationFrame(() => setTimeout(() => {
  const t = performance.getEntriesByType('navigation')[0];
  done([t.loadEventEnd - t.startTime, performance.now()]); }, 0)))'''
OPENINGS = 5


def openings(browser, page, name):
    """Opens a page some times and returns the least time to its frame.

    Others use the machine too: what they take can only add to a time.  The
    start of the browser is over, and nothing listens to its network, which
    would keep a copy of the page.
    """
    rows = []
    for _ in range(OPENINGS):
        browser.open(page, 1280)
        spent = {m['name']: m['value'] for m in
                 browser.call('Performance.getMetrics')['metrics']}
        rows.append([*browser.js(TIMES), 1000 * spent['TaskDuration']])
    load, frame, cpu = ((min(c), sorted(c)[len(c) // 2]) for c in zip(*rows))
    print('# %s opened %d times, ms (least, median): load event %d %d, next '
          'frame %d %d, processor time %d %d' %
          (name, OPENINGS, *load, *frame, *cpu))
    return frame[0]


def big(browser, page):
    size = os.path.getsize(page)
    say(size < 10000000, 'the big page is below ten million octets', size)
    browser.settle()
    browser.watch(False)
    browser.call('Performance.enable', timeDomain='threadTicks')
    with tempfile.NamedTemporaryFile('w', suffix='.html') as empty:
        empty.write('<!DOCTYPE html><title>empty</title><p>nothing</p>')
        empty.flush()
        openings(browser, empty.name, 'an empty page')
    took = openings(browser, page, 'the big page')
    say(took < 2000, 'the big page opens in under two seconds', took)
    browser.call('Performance.disable')
    browser.watch(True)
    browser.open(page, 1280)
    say(not browser.complaints, 'the big page: no complaint',
        browser.complaints)
    cells = browser.js("document.querySelectorAll('#matrix td').length")
    say(cells >= 4000, 'the big page has 4000 results', cells)


def main():
    browser = Browser()
    try:
        big(browser, sys.argv[1])
        for page in sys.argv[2:]:
            name = os.path.basename(page)
            for width in (1280, 400):
                for dark in (False, True):
                    look(browser, page, name, width, dark)
            structure(browser, page, name)
            on_paper(browser, page, name)
            if browser.js("!!document.getElementById('filters')"):
                filters(browser, page, name)
    finally:
        browser.close()
    sys.exit(bad)


main()
