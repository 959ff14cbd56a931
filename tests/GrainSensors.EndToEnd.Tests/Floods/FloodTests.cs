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
    private const long AllowedGrowth = 200 * 1024 * 1024;

    /// <summary>The bodies that the silo reads at once, and what the garbage collector leaves of the connections.</summary>
    private const long AllowedGrowthOfBodies = 384 * 1024 * 1024;

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
            },
            "run", "--sensors", "5", "--store", $"sqlite:{_folder.File("windows.db")}");
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
        await FloodAsync(LargeBodies, head, BodyBytes - 100, AllowedGrowthOfBodies);
    }

    private async Task FloodAsync(int clients, string head, int bodyBytes, long allowedGrowth)
    {
        var idle = Memory();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => SendAsync(Encoding.ASCII.GetBytes(head), bodyBytes)));
        var during = Memory();

        var answers = new List<TimeSpan>();
        for (var i = 0; i < 50; i++)
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
            + $"answers median {answers[25].TotalMilliseconds:0} ms, slowest {answers[^1].TotalMilliseconds:0} ms"));
        Assert.InRange(answers[25], TimeSpan.Zero, AnswerLimit);
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
