using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using GrainSensors.EndToEnd.Tests.Faults;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.EndToEnd.Tests.Floods;

/// <summary>Clients that take as much as they can: memory stays, and others are served.</summary>
[Trait("Category", "System")]
[Collection(MeasuredAlone.Name)]
public sealed class FloodTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int SlowLogIns = 390;
    private const int HalfRequests = 2000;
    private const int LargeBodies = 200;
    private const int BodyBytes = 4 * 1024 * 1024;
    private const int UsualRequests = 3000;
    private const int Answers = 50;
    private const int Streams = 500;
    private const int MissedWindows = 2000;
    private const long AllowedGrowthOfStreams = 100 * 1024 * 1024;
    private const long AllowedGrowth = 200 * 1024 * 1024;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromMilliseconds(100);

    private readonly string _key = AccessKey.Generate();
    private readonly TemporaryDirectory _folder = new();
    private readonly HttpClient _http = new();
    private readonly List<TcpClient> _clients = [];
    private Executable? _run;
    private Uri _address = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(TestLength.IsLong, "Runs in the long form only: how much garbage is left after a flood depends on the load.");
        _run = Executable.StartWith(
            new Dictionary<string, string>
            {
                ["GrainSensors__Http__Keys__0__Name"] = "admin",
                ["GrainSensors__Http__Keys__0__Role"] = "admin",
                ["GrainSensors__Http__Keys__0__Hash"] = AccessKey.HashText(_key),
                ["GrainSensors__Http__Port"] = "0",
                ["GrainSensors__Http__MaxStreamsPerKey"] = $"{2 * Streams}",
                ["GrainSensors__Http__RequestsPerSecond"] = $"{2 * Streams}",
            },
            "run", "--empty", "--sensors", "5", "--store", $"sqlite:{_folder.File("windows.db")}");
        await Until.Async(() => Page is not null, () => string.Join('\n', _run!.Output.Concat(_run.Errors)), Deadline);
        _address = new(Page!);
        _http.BaseAddress = _address;
        _http.DefaultRequestHeaders.Authorization = new("Bearer", _key);
        await Until.Async(async () => await IsServedAsync(), () => "the silo does not answer", Deadline);
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        _http.Dispose();
        if (_run is not null)
        {
            await _run.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task Slow_log_ins_take_no_memory()
    {
        var head = $"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            + $"Content-Length: {BodyBytes}\r\n\r\nkey=";
        await FloodAsync(SlowLogIns, head, BodyBytes - 65536, AllowedGrowth);
    }

    [Fact]
    public async Task Half_requests_take_no_memory() => await FloodAsync(
        HalfRequests, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", 0, AllowedGrowth);

    [Fact]
    public async Task Large_bodies_take_a_limited_amount_of_memory()
    {
        var head = $"POST /api/v1/readings HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {_key}\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {BodyBytes}\r\n\r\n[";
        await FloodAsync(LargeBodies, head, BodyBytes - 100, AllowedGrowth);
    }

    [Fact]
    public async Task Event_streams_that_resume_together_take_a_limited_amount_of_memory()
    {
        using var first = await ListenAsync(null);
        var (place, _) = await ReadAsync(first, windows: 0);
        var old = DateTimeOffset.UtcNow.AddDays(-2).ToUnixTimeSeconds();
        var readings = Enumerable.Range(10_000, MissedWindows)
            .Select(sensor => $$"""{"sensor_id":{{sensor}},"timestamp":{{old}},"temperature":20}""");
        using var body = new StringContent($"[{string.Join(',', readings)}]", Encoding.UTF8, "application/json");
        using var accepted = await _http.PostAsync(new Uri("/api/v1/readings", UriKind.Relative), body, Cancellation);
        Assert.True(accepted.IsSuccessStatusCode, $"{accepted}");
        await ReadAsync(first, MissedWindows);
        var idle = Memory();

        var started = Stopwatch.GetTimestamp();
        var streams = await Task.WhenAll(Enumerable.Range(0, Streams).Select(async _ =>
        {
            var stream = await ListenAsync(place);
            return (Stream: stream, (await ReadAsync(stream, MissedWindows)).Windows);
        }));
        var (elapsed, during) = (Stopwatch.GetElapsedTime(started), Memory());
        Assert.All(streams, stream => Assert.True(stream.Windows >= MissedWindows));
        var after = 0L;
        await Until.Async(
            () => (after = Memory()) - idle < AllowedGrowthOfStreams, () => $"{after >> 20} MB, {idle >> 20} MB before", Deadline);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Streams} streams, {MissedWindows} missed windows each, in {elapsed.TotalSeconds:0.0} s: {idle >> 20} MB before, "
            + $"{during >> 20} MB during, {after >> 20} MB after"));
        Assert.All(streams, stream => stream.Stream.Dispose());
    }

    /// <param name="place">The last event that was received; null: none.</param>
    private async Task<StreamReader> ListenAsync(string? place)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events?type=window");
        if (place is not null)
        {
            request.Headers.Add("Last-Event-ID", place);
        }

        var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.True(answer.IsSuccessStatusCode, $"{answer}");
        return new(await answer.Content.ReadAsStreamAsync(Cancellation));
    }

    /// <summary>Reads until a place in the topic is known and so many windows have come.</summary>
    private static async Task<(string Place, int Windows)> ReadAsync(StreamReader stream, int windows)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Deadline + Deadline);
        var (place, read) = ("", 0);
        while (read < windows || !place.Contains('/', StringComparison.Ordinal))
        {
            var line = await stream.ReadLineAsync(patience.Token) ?? throw new EndOfStreamException($"{read} windows");
            read += line == "event: window" ? 1 : 0;
            place = line.StartsWith("id: ", StringComparison.Ordinal) ? line[4..] : place;
        }

        return (place, read);
    }

    private async Task FloodAsync(int clients, string head, int bodyBytes, long allowedGrowth)
    {
        // A fresh process has not used its young generation yet; what it takes for that is not the flood's.
        for (var i = 0; i < UsualRequests; i++)
        {
            Assert.True(await IsServedAsync());
        }

        var idle = Memory();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => SendAsync(Encoding.ASCII.GetBytes(head), bodyBytes)));
        var during = Memory();

        var answers = new List<TimeSpan>();
        for (var i = 0; i < Answers; i++)
        {
            var started = Stopwatch.GetTimestamp();
            Assert.True(await IsServedAsync());
            answers.Add(Stopwatch.GetElapsedTime(started));
        }

        answers.Sort();
        var after = 0L;
        await Until.Async(() => (after = Memory()) - idle < allowedGrowth, () => $"{after >> 20} MB, {idle >> 20} MB before", Deadline);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{clients} clients: {idle >> 20} MB before, {during >> 20} MB during, {after >> 20} MB after; "
            + $"answers median {answers[Answers / 2].TotalMilliseconds:0} ms, 90 % {answers[Answers * 9 / 10].TotalMilliseconds:0} ms, "
            + $"slowest {answers[^1].TotalMilliseconds:0} ms"));
        Assert.InRange(answers[Answers * 9 / 10], TimeSpan.Zero, AnswerLimit);
    }

    /// <summary>Sends the head and as much of the body as the silo takes; leaves the connection open.</summary>
    private async Task SendAsync(byte[] head, int bodyBytes)
    {
        var client = new TcpClient();
        lock (_clients)
        {
            _clients.Add(client);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        try
        {
            await client.ConnectAsync(_address.Host, _address.Port, patience.Token);
            await client.GetStream().WriteAsync(head, patience.Token);
            var part = Encoding.ASCII.GetBytes(new string('a', 65536));
            for (var sent = 0; sent < bodyBytes; sent += part.Length)
            {
                await client.GetStream().WriteAsync(part.AsMemory(0, Math.Min(part.Length, bodyBytes - sent)), patience.Token);
            }
        }
        catch (Exception e) when (e is IOException or SocketException || patience.IsCancellationRequested)
        {
            // Refused, or no longer read.
        }
    }

    private string? Page => _run!.Output.Concat(_run.Errors)
        .Select(line => line.IndexOf("http://", StringComparison.Ordinal) is >= 0 and var at ? line[at..].Split(' ', '/')[2] : null)
        .FirstOrDefault(page => page is not null) is { } host ? $"http://{host}/" : null;

    private async Task<bool> IsServedAsync()
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri("/api/v1/status", UriKind.Relative), Cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private long Memory()
    {
        using var process = Process.GetProcessById(_run!.ProcessId);
        return process.WorkingSet64;
    }
}
