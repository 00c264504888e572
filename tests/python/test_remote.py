"""Files by s3:// and http://, against a server that checks signatures and one that misbehaves."""

import http.server
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time
import urllib.request

import boto3
import numpy as np
import pytest

import treadle as mx


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


@pytest.fixture(scope='module')
def server():
    """A server of S3's protocol with one user, whose signature it checks."""
    endpoint = f'http://127.0.0.1:{free_port()}'
    process = subprocess.Popen(
        [sys.executable, '-m', 'moto.server', '-p', endpoint.rsplit(':', 1)[1]],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(endpoint + '/moto-api/', timeout=5)
                break
            except OSError:
                assert process.poll() is None
                time.sleep(0.1)
        anybody = {'endpoint_url': endpoint, 'region_name': 'us-east-1',
                   'aws_access_key_id': 'any', 'aws_secret_access_key': 'any'}
        iam = boto3.client('iam', **anybody)
        iam.create_user(UserName='user')
        everything = ('{"Version": "2012-10-17", "Statement": '
                      '[{"Effect": "Allow", "Action": "*", "Resource": "*"}]}')
        iam.put_user_policy(UserName='user', PolicyName='all', PolicyDocument=everything)
        key = iam.create_access_key(UserName='user')['AccessKey']
        key = {'aws_access_key_id': key['AccessKeyId'],
               'aws_secret_access_key': key['SecretAccessKey']}
        boto3.client('s3', **anybody).create_bucket(Bucket='models')
        urllib.request.urlopen(urllib.request.Request(
            endpoint + '/moto-api/reset-auth', b'0', {'Content-Type': 'text/plain'}))
        yield {**anybody, **key}
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def s3(server, monkeypatch):
    """The server in the environment; a client that sees what is there."""
    clear(monkeypatch)
    monkeypatch.setenv('S3_ENDPOINT', server['endpoint_url'])
    monkeypatch.setenv('AWS_ACCESS_KEY_ID', server['aws_access_key_id'])
    monkeypatch.setenv('AWS_SECRET_ACCESS_KEY', server['aws_secret_access_key'])
    return boto3.client('s3', **server)


def clear(monkeypatch):
    for name in list(os.environ):
        if name.startswith(('AWS_', 'S3_')):
            monkeypatch.delenv(name)


def refusal(*call):
    with pytest.raises(mx.MXNetError) as caught:
        call[0](*call[1:])
    return str(caught.value)


def test_arrays_and_symbols_come_back(s3):
    key = 'a folder/net+ä=1-0001.params'
    mx.nd.save('s3://models/' + key, {'x': mx.nd.array([1, 2, 3])})
    assert s3.head_object(Bucket='models', Key=key)['ContentLength'] > 12
    assert mx.nd.load('s3://models/' + key)['x'].asnumpy().tolist() == [1, 2, 3]
    net = mx.sym.FullyConnected(mx.sym.Variable('data'), num_hidden=3, name='fc')
    net.save('s3://models/net-symbol.json')
    assert mx.sym.load('s3://models/net-symbol.json').list_arguments() == net.list_arguments()


def test_the_page_of_the_symbolic_api_with_its_bucket(s3):
    s3.create_bucket(Bucket='my-bucket')
    page = pathlib.Path(__file__).parents[2] / 'examples/python/seed_walkthrough.py'
    done = subprocess.run([sys.executable, page, 's3://my-bucket'], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert s3.head_object(Bucket='my-bucket', Key='symbol-c.json')['ContentLength'] > 100


def test_checkpoints(s3):
    net = mx.sym.FullyConnected(mx.sym.Variable('data'), num_hidden=3, name='fc')
    weight = mx.nd.array(np.ones((3, 2)))
    mx.model.save_checkpoint('s3://models/net', 7, net, {'fc_weight': weight}, {})
    symbol, args, auxs = mx.model.load_checkpoint('s3://models/net', 7)
    assert symbol.tojson() == net.tojson() and auxs == {}
    assert args['fc_weight'].asnumpy().tolist() == weight.asnumpy().tolist()


def test_large_objects_are_sent_and_read_in_parts(s3):
    values = np.arange(6_000_000, dtype='float32')  # 24 MB: three parts
    mx.nd.save('s3://models/large.params', [mx.nd.array(values)])
    assert '-3"' in s3.head_object(Bucket='models', Key='large.params')['ETag']
    assert np.array_equal(mx.nd.load('s3://models/large.params')[0].asnumpy(), values)
    assert 'Uploads' not in s3.list_multipart_uploads(Bucket='models')


def test_wrong_keys_and_missing_things_are_told(s3, monkeypatch):
    assert 'NoSuchBucket' in refusal(mx.nd.load, 's3://nobody/a.params')
    words = refusal(mx.nd.load, 's3://models/none.params')
    assert '404' in words and 'Is the key spelt' in words
    assert 'NoSuchBucket' in refusal(mx.nd.save, 's3://nobody/a.params', [mx.nd.zeros((2,))])
    for uri in ('s3://models', 's3://models/', 's3:///key', 's3://a bucket/key'):
        assert 's3://bucket/key is expected' in refusal(mx.nd.load, uri)
    monkeypatch.setenv('AWS_SECRET_ACCESS_KEY', 'wrong')
    words = refusal(mx.nd.load, 's3://models/net-symbol.json')
    assert '403' in words and 'AWS_SECRET_ACCESS_KEY' in words
    words = refusal(mx.nd.save, 's3://models/new.params', [mx.nd.zeros((2,))])
    assert '403' in words
    monkeypatch.delenv('AWS_SECRET_ACCESS_KEY')
    assert 'AWS_SECRET_ACCESS_KEY is not' in refusal(mx.nd.load, 's3://models/a')
    monkeypatch.delenv('AWS_ACCESS_KEY_ID')
    assert 'was not signed' in refusal(mx.nd.load, 's3://models/net-symbol.json')
    monkeypatch.setenv('AWS_S3_ADDRESSING_STYLE', 'sideways')
    assert "is 'sideways', expected path" in refusal(mx.nd.load, 's3://models/a')


class Misbehaving(http.server.BaseHTTPRequestHandler):
    """Answers /NAME as the function of that name below says."""

    protocol_version = 'HTTP/1.1'
    seen = []

    def do_GET(self):
        type(self).seen.append((self.command, self.path, dict(self.headers)))
        length = int(self.headers.get('Content-Length') or 0)
        self.rfile.read(length)
        getattr(self, self.path.strip('/').split('/')[0].split('?')[0])()

    do_PUT = do_POST = do_DELETE = do_GET

    def log_message(self, *_):
        pass

    def answer(self, status, body=b'', **headers):
        self.send_response(status)
        self.send_header('Content-Length', str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace('_', '-'), value)
        self.end_headers()
        self.wfile.write(body)

    def whole(self):
        self.answer(200, self.server.text)

    def unwell(self):
        self.server.failures -= 1
        self.answer(503 if self.server.failures >= 0 else 200, self.server.text)

    def cut(self):
        self.send_response(200)
        self.send_header('Content-Length', str(len(self.server.text)))
        self.end_headers()
        self.wfile.write(self.server.text[:10])
        self.close_connection = True

    def slow(self):
        time.sleep(5)
        self.close_connection = True

    def moved(self):
        self.answer(302, Location='/whole')

    def replaced(self):
        begin = int(self.headers['Range'].split('=')[1].split('-')[0])
        if begin > 0:
            return self.answer(200, b'other')
        text = self.server.text
        self.answer(206, text[: 8 << 20], Content_Range=f'bytes 0-{(8 << 20) - 1}/{len(text)}')

    def uploads(self):
        """The S3 of bucket 'uploads': it opens an upload and takes one part."""
        if self.path.endswith('?uploads='):
            return self.answer(200, b'<R><UploadId>id/1</UploadId></R>')
        if 'partNumber=1&' in self.path:
            return self.answer(200, ETag='"1"')
        if self.command == 'DELETE':
            return self.answer(204)
        self.answer(400, b'<Error><Code>EntityTooSmall</Code><Message>no</Message></Error>')


@pytest.fixture
def web(monkeypatch):
    clear(monkeypatch)
    net = mx.sym.FullyConnected(mx.sym.Variable('data'), num_hidden=3, name='fc')
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Misbehaving)
    server.text, server.failures = net.tojson().encode(), 0
    Misbehaving.seen = []
    server.address = f'http://127.0.0.1:{server.server_address[1]}'
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_web_servers_are_read(web):
    for name in ('whole', 'moved'):
        assert mx.sym.load(f'{web.address}/{name}').list_outputs() == ['fc_output']
    words = refusal(mx.sym.Variable('a').save, web.address + '/whole')
    assert 'can only be read' in words


def test_a_server_that_is_unwell_for_a_moment_is_asked_again(web):
    web.failures = 2
    assert mx.sym.load(web.address + '/unwell').list_outputs() == ['fc_output']
    assert len(Misbehaving.seen) == 3
    web.failures = 100
    assert 'answers 503' in refusal(mx.sym.load, web.address + '/unwell')


def test_a_connection_that_ends_half_way_is_told(web):
    words = refusal(mx.sym.load, web.address + '/cut')
    assert words.startswith(web.address + '/cut cannot be read: ') and 'tried 5 times' in words


def test_a_slow_server_is_given_up(web, monkeypatch):
    monkeypatch.setenv('TREADLE_HTTP_TIMEOUT', '1')
    began = time.monotonic()
    assert 'TREADLE_HTTP_TIMEOUT' in refusal(mx.sym.load, web.address + '/slow')
    assert time.monotonic() - began < 5


def test_nobody_there():
    words = refusal(mx.sym.load, f'http://127.0.0.1:{free_port()}/net.json')
    assert 'cannot be read' in words and 'Check the address' in words


def test_an_object_that_changes_while_it_is_read_is_told(web, tmp_path):
    mx.nd.save(str(tmp_path / 'large'), [mx.nd.zeros((3_000_000,))])
    web.text = (tmp_path / 'large').read_bytes()
    assert 'replaced while it was read' in refusal(mx.nd.load, web.address + '/replaced')


def test_a_failed_upload_is_aborted(web, monkeypatch):
    monkeypatch.setenv('AWS_ENDPOINT_URL', web.address)
    monkeypatch.setenv('AWS_SESSION_TOKEN', 'token')
    monkeypatch.setenv('AWS_ACCESS_KEY_ID', 'key')
    monkeypatch.setenv('AWS_SECRET_ACCESS_KEY', 'secret')
    arrays = [mx.nd.zeros((3_000_000,))]
    assert 'EntityTooSmall' in refusal(mx.nd.save, 's3://uploads/x.params', arrays)
    commands = [(command, path) for command, path, _ in Misbehaving.seen]
    assert commands[0] == ('POST', '/uploads/x.params?uploads=')
    assert commands[1] == ('PUT', '/uploads/x.params?partNumber=1&uploadId=id%2F1')
    assert commands[-1] == ('DELETE', '/uploads/x.params?uploadId=id%2F1')
    headers = Misbehaving.seen[0][2]
    assert headers['x-amz-security-token'] == 'token'
    assert headers['Authorization'].startswith('AWS4-HMAC-SHA256 Credential=key/')
    assert 'x-amz-security-token' in headers['Authorization']
