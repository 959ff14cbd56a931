using System.Text;
using GrainSensors.EndToEnd.Tests.Faults;

namespace GrainSensors.EndToEnd.Tests.Telemetry;

/// <summary>A silo with access keys that gets readings and messages that are not readings, and its metrics.</summary>
public sealed class ObservedSilo : IAsyncLifetime
{
    /// <summary>Longer than a checkpoint and a window of the cluster take.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new();
    private FaultCluster? _cluster;
    private Traffic? _traffic;

    internal SiloProcess Silo => _cluster!.Silos[0];

    internal FaultCluster Cluster => _cluster!;

    internal Traffic Traffic => _traffic!;

    /// <summary>A key with the role read.</summary>
    public static string Key => GuardedHost.Reader.Key;

    public async ValueTask InitializeAsync()
    {
        var settings = new Dictionary<string, string>(FaultCluster.Quick)
        {
            ["Http__Keys__0__Name"] = GuardedHost.Reader.Options.Name,
            ["Http__Keys__0__Hash"] = GuardedHost.Reader.Options.Hash,
            ["Http__Keys__0__Role"] = "read",
        };
        _cluster = await FaultCluster.StartAsync(1, settings);
        _http.DefaultRequestHeaders.Authorization = new("Bearer", Key);
        _traffic = new(_cluster.Kafka.Options, seed: 1);
        await _traffic.Producer.AppendAsync(1, Encoding.UTF8.GetBytes("this is no reading"));
        string[] counted = ["grainsensors_ingest_latency_seconds_count", "grainsensors_ingest_closed_windows_total"];
        await UntilAsync(metrics => counted.All(name => metrics.Sum(name) > 0));
    }

    public async Task<Exposition> MetricsAsync() => new(await _http.GetStringAsync(new Uri($"{Silo.Page}/metrics")));

    /// <returns>The metrics when they are as wanted.</returns>
    public async Task<Exposition> UntilAsync(Func<Exposition, bool> condition)
    {
        Exposition? seen = null;
        await Until.Async(async () => condition(seen = await MetricsAsync()), () => $"{seen?.Text}\n{Silo}", Timeout);
        return seen!;
    }

    public async ValueTask DisposeAsync()
    {
        if (_traffic is not null)
        {
            await _traffic.DisposeAsync();
        }

        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        _http.Dispose();
    }
}

/// <summary>One silo for all tests of metrics.</summary>
[CollectionDefinition(Name)]
public sealed class ObservedSiloTests : ICollectionFixture<ObservedSilo>
{
    public const string Name = "observed silo";
}
