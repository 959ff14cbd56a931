using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Orleans.Streaming.Kafka.Tests.Clusters;

namespace Orleans.Streaming.Kafka.Tests.Streams;

/// <summary>The metrics of a provider and of its queues.</summary>
[Trait("Category", "System")]
public sealed class MetricsTests : IDisposable
{
    private readonly ConcurrentDictionary<string, double> _sums = new();
    private readonly ConcurrentDictionary<(string Name, string Topic), double> _last = new();
    private readonly MeterListener _listener = new();

    public MetricsTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name is "Orleans.Streaming.Kafka" or "Microsoft.Orleans")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.Start();
    }

    [Fact]
    public async Task Queues_have_orleans_metrics_and_the_provider_those_of_opentelemetry()
    {
        await using var cluster = await StreamCluster.StartAsync(partitions: 1);
        await cluster.ProduceAsync(ImplicitGrain.Namespace, "1", 0, 10);
        await cluster.SendAsync("json", "1", "{");
        await cluster.SendAsync("json", "2", (byte[]?)null);
        await cluster.SendAsync("json", "3", """{"number":1}""");
        await cluster.Journal.UntilAllAsync("1", 10);
        await cluster.Journal.UntilAllAsync("3", 1);

        await Until.Async(
            () =>
            {
                _listener.RecordObservableInstruments();
                return Last("orleans.streaming.kafka.lag", StreamCluster.Events) == 0
                    && Last("orleans.streaming.kafka.lag", "json") == 0
                    && Last("orleans.streaming.kafka.cache.size", StreamCluster.Events) > 0
                    && Sum("orleans.streaming.kafka.dead_letters") >= 1;
            },
            () => string.Join("; ", _last.Select(pair => $"{pair.Key}={pair.Value}").Concat(_sums.Select(sum => $"{sum.Key}={sum.Value}"))),
            TimeSpan.FromSeconds(20));

        Assert.True(Sum("messaging.client.sent.messages") >= 10);
        Assert.True(Sum("messaging.client.consumed.messages") >= 13);
        Assert.True(Sum("orleans.streaming.kafka.tombstones.skipped") >= 1);
        Assert.True(Sum("orleans-streams-queue-messages-received") > 0);
        Assert.Contains("orleans-streams-queue-read-duration", _sums.Keys);
        Assert.Contains("orleans-streams-queue-cache-size", _sums.Keys);

        double? Last(string name, string topic) => _last.TryGetValue((name, cluster.TopicOf(topic)), out var value) ? value : null;
    }

    public void Dispose() => _listener.Dispose();

    private double Sum(string name) => _sums.GetValueOrDefault(name);

    private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        _sums.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value);
        foreach (var tag in tags)
        {
            if (tag.Key == "messaging.destination.name")
            {
                _last[(instrument.Name, (string)tag.Value!)] = value;
            }
        }
    }
}
