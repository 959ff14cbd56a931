using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;

namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>Readings that come by HTTP with an Idempotency-Key while silos are killed.</summary>
[Trait("Category", "System")]
[Collection(FaultCollections.Silos)]
public sealed class IdempotencyFaultTests
{
    private const int Sensor = 7;
    private const int Senders = 8;
    private const int RequestsBetweenKills = 40;
    private const int ReadingsOfRequest = 5;
    private const int Kills = 2;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Statuses of answers, with the number of each.</summary>
    private readonly ConcurrentDictionary<string, int> _answers = new();

    private volatile bool _isLast;
    private int _requests;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_reading_of_a_request_that_is_repeated_counts_once_though_silos_are_killed()
    {
        Assert.SkipUnless(RealKafka.IsGiven, "Needs a real broker, which has transactions: set KAFKA_HOME to an installation.");
        await using var cluster = await FaultCluster.StartAsync(
            2, new Dictionary<string, string>(FaultCluster.Quick) { ["Http__RequestsPerSecond"] = "100000" });
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var pages = cluster.Silos.Select(silo => silo.Page!).ToArray();
        var start = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - (long)TimeSpan.FromDays(1).TotalSeconds;

        var sending = Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(() => SendAsync(http, sender, start, pages))));
        for (var kill = 0; kill < Kills; kill++)
        {
            await UntilAnsweredAsync(_answers.GetValueOrDefault("202") + RequestsBetweenKills, cluster);
            var silo = cluster.Silos[0];
            await silo.KillAsync();
            await cluster.RemoveAsync(silo);
            await cluster.BeginAsync(1);
            pages[0] = cluster.Silos[0].Page!;
            pages[1] = cluster.Silos[1].Page!;
        }

        _isLast = true;
        await sending.WaitAsync(Patience, Stop);
        var sent = _requests * ReadingsOfRequest;
        await Until.Async(
            async () => await CountAsync(cluster) >= sent,
            () => $"{CountAsync(cluster).GetAwaiter().GetResult()} of {sent}; {Answers}\n{cluster}",
            Patience);
        Assert.Equal(sent, await CountAsync(cluster));
        Assert.True(_answers.Keys.Any(answer => answer != "202"), $"No request was interrupted: {Answers}");
        TestContext.Current.TestOutputHelper?.WriteLine(Answers);
    }

    private string Answers => string.Join(", ", _answers.Select(answer => $"{answer.Key}: {answer.Value}"));

    private Task UntilAnsweredAsync(int count, FaultCluster cluster) => Until.Async(
        () => _answers.GetValueOrDefault("202") >= count, () => $"{count} requests wanted; {Answers}\n{cluster}", Patience);

    /// <summary>Repeats each request, at one silo and the other in turn, until it is accepted.</summary>
    private async Task SendAsync(HttpClient http, int sender, long start, string[] pages)
    {
        var attempt = sender;
        while (!_isLast)
        {
            var i = Interlocked.Increment(ref _requests);
            var first = start + (i * ReadingsOfRequest);
            var body = $"[{string.Join(',', Enumerable.Range(0, ReadingsOfRequest).Select(n => Reading(first + n)))}]";
            while (!await IsAcceptedAsync(http, $"{Volatile.Read(ref pages[attempt++ % 2])}/api/v1/readings", $"request {i}", body))
            {
                // As a client does before it repeats a request.
                await Task.Delay(Pause, Stop);
            }
        }
    }

    private async Task<bool> IsAcceptedAsync(HttpClient http, string address, string key, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        request.Headers.Add("Idempotency-Key", key);
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        try
        {
            using var answer = await http.SendAsync(request, Stop);
            var replayed = answer.Headers.Contains("Idempotency-Replayed") ? " replayed" : "";
            _answers.AddOrUpdate($"{(int)answer.StatusCode}{replayed}", 1, (_, count) => count + 1);
            return answer.StatusCode == HttpStatusCode.Accepted;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !Stop.IsCancellationRequested)
        {
            _answers.AddOrUpdate("none", 1, (_, count) => count + 1);
            return false;
        }
    }

    private static async Task<long> CountAsync(FaultCluster cluster) =>
        (await cluster.RowsAsync([Sensor])).Values.Where(row => row.Key.Measurement == "temperature").Sum(row => row.Statistics.Count);

    private static string Reading(long seconds) => string.Create(
        CultureInfo.InvariantCulture, $$"""{"sensor_id":{{Sensor}},"timestamp":{{seconds}},"temperature":21.5}""");
}
