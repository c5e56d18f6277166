"""Drives a headless Chromium over its debugging pipe: no port, no library.

One browser, one page at a time.  Everything the page complains about (console
errors, exceptions, refused fetches) is kept in `complaints`.
"""
import base64
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic',
         '--no-first-run', '--disable-background-networking',
         '--disable-component-update', '--disable-sync',
         '--disable-dev-shm-usage', '--hide-scrollbars',
         '--force-color-profile=srgb', '--remote-debugging-pipe']


class Browser:
    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix='mxdrill-chromium.')
        self.count = 0
        self.buffer = b''
        self.complaints = []
        self.loaded = False
        theirs_in, self.to = os.pipe()
        self.back, theirs_out = os.pipe()

        # The browser reads commands from 3 and answers on 4.
        def hand_over():
            high_in = os.dup(theirs_in)
            high_out = os.dup(theirs_out)
            os.dup2(high_in, 3)
            os.dup2(high_out, 4)

        self.process = subprocess.Popen(
            ['chromium', *FLAGS, '--user-data-dir=' + self.profile,
             'about:blank'],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, preexec_fn=hand_over,
            close_fds=False, start_new_session=True)
        os.close(theirs_in)
        os.close(theirs_out)
        target = self.call('Target.createTarget', url='about:blank')
        self.session = None
        self.session = self.call('Target.attachToTarget', flatten=True,
                                 targetId=target['targetId'])['sessionId']
        self.call('Page.enable')
        self.watch(True)

    def watch(self, on):
        """Whether complaints are kept; the browser pays for each octet."""
        for domain in ('Runtime', 'Log', 'Network'):
            self.call(domain + ('.enable' if on else '.disable'))

    def spent(self):
        """Seconds of processor time of all processes of the browser."""
        ticks = 0
        for pid in filter(str.isdigit, os.listdir('/proc')):
            try:
                with open('/proc/%s/stat' % pid) as f:
                    stat = f.read().rsplit(')', 1)[1].split()
            except OSError:
                continue
            if int(stat[3]) == self.process.pid:
                ticks += int(stat[11]) + int(stat[12])
        return ticks / os.sysconf('SC_CLK_TCK')

    def settle(self):
        """Waits until the browser has done with its own start."""
        for _ in range(40):
            before = self.spent()
            time.sleep(0.5)
            if self.spent() - before < 0.03:
                return

    def _read(self):
        while b'\0' not in self.buffer:
            more = os.read(self.back, 1 << 20)
            if not more:
                raise RuntimeError('the browser went away')
            self.buffer += more
        text, self.buffer = self.buffer.split(b'\0', 1)
        return json.loads(text)

    def _notice(self, msg):
        what, p = msg.get('method'), msg.get('params', {})
        if what == 'Page.loadEventFired':
            self.loaded = True
        elif what == 'Runtime.exceptionThrown':
            self.complaints.append('exception: ' +
                                   p['exceptionDetails'].get('text', '') +
                                   str(p['exceptionDetails'].get('exception')))
        elif what == 'Runtime.consoleAPICalled':
            self.complaints.append('console: ' + str(p.get('args')))
        elif what == 'Log.entryAdded':
            self.complaints.append('log: ' + p['entry']['text'])
        elif what == 'Network.requestWillBeSent':
            url = p['request']['url']
            if not url.startswith(('file:', 'data:', 'about:')):
                self.complaints.append('fetches ' + url)

    def call(self, method, **params):
        self.count += 1
        msg = {'id': self.count, 'method': method, 'params': params}
        if getattr(self, 'session', None):
            msg['sessionId'] = self.session
        os.write(self.to, json.dumps(msg).encode() + b'\0')
        while True:
            got = self._read()
            if got.get('id') == self.count:
                if 'error' in got:
                    raise RuntimeError('%s: %s' % (method, got['error']))
                return got.get('result', {})
            self._notice(got)

    def open(self, path, width, height=900, dark=False, script=True):
        self.call('Emulation.setDeviceMetricsOverride', width=width,
                  height=height, deviceScaleFactor=1, mobile=False)
        self.call('Emulation.setEmulatedMedia', features=[
            {'name': 'prefers-color-scheme',
             'value': 'dark' if dark else 'light'}])
        self.call('Emulation.setScriptExecutionDisabled', value=not script)
        self.loaded = False
        self.complaints = []
        url = 'file://' + os.path.abspath(path)
        self.call('Page.navigate', url='about:blank')
        while not self.loaded:
            self._notice(self._read())
        self.loaded = False
        self.call('Page.navigate', url=url)
        while not self.loaded:
            self._notice(self._read())

    def js(self, expression):
        got = self.call('Runtime.evaluate', expression=expression,
                        returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in got:
            raise RuntimeError(str(got['exceptionDetails']))
        return got['result'].get('value')

    def screenshot(self, path, whole=False, clip=None):
        more = {}
        if whole:
            size = self.call('Page.getLayoutMetrics')['cssContentSize']
            more = {'captureBeyondViewport': True,
                    'clip': {'x': 0, 'y': 0, 'scale': 1,
                             'width': size['width'],
                             'height': min(size['height'], 12000)}}
        if clip:
            more = {'captureBeyondViewport': True, 'clip': clip}
        data = self.call('Page.captureScreenshot', format='png', **more)
        with open(path, 'wb') as f:
            f.write(base64.b64decode(data['data']))

    def paper(self, path):
        data = self.call('Page.printToPDF', printBackground=True)
        with open(path, 'wb') as f:
            f.write(base64.b64decode(data['data']))

    def close(self):
        try:
            self.session = None
            self.call('Browser.close')
            self.process.wait(20)
        except (RuntimeError, OSError, subprocess.TimeoutExpired):
            pass
        # What is left of its own session, and only that.
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except OSError:
            pass
        self.process.wait()
        os.close(self.to)
        os.close(self.back)
        shutil.rmtree(self.profile, ignore_errors=True)
