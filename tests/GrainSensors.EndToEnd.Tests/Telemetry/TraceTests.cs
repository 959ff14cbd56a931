using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using GrainSensors.EndToEnd.Tests.Faults;
using GrainSensors.Hosting.Pipeline;
using GrainSensors.Ingest.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using ReadingProducer = GrainSensors.Ingest.Producing.ReadingProducer;

namespace GrainSensors.EndToEnd.Tests.Telemetry;

/// <summary>The trace of a reading goes on through Kafka into its window.</summary>
[Trait("Category", "System")]
public sealed class TraceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_reading_is_followed_from_its_sender_through_Kafka_to_a_collector()
    {
        await using var collector = await TraceCollector.StartAsync();
        await using var cluster = await FaultCluster.StartAsync(1, new Dictionary<string, string>(FaultCluster.Quick)
        {
            ["Telemetry__OtlpEndpoint"] = collector.Address,
            ["Telemetry__OtlpProtocol"] = "http/protobuf",
            ["Telemetry__OtlpHeaders"] = "x-collector-key=abc",
            ["Telemetry__TraceRatio"] = "0",
        });
        using var follower = Follow(ReadingTraces.SourceName, ActivitySamplingResult.AllDataAndRecorded);
        await using var services = PipelineHost.BuildProducer(cluster.Kafka.Options, TimeSpan.Zero);
        var producer = services.GetRequiredService<ReadingProducer>();
        using var request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        request.ActivityTraceFlags = ActivityTraceFlags.Recorded;

        await producer.AppendAsync(1, Reading(1), cancellationToken: TestContext.Current.CancellationToken);
        request.Stop();

        var trace = Convert.FromHexString(request.TraceId.ToHexString());
        await Until.Async(() => collector.With("/v1/traces", trace).Any(), () => $"{collector}\n{cluster}", Patience);
        var (body, headers) = collector.With("/v1/traces", trace).First();
        var text = Encoding.UTF8.GetString(body);
        Assert.Contains($"process {cluster.Kafka.Options.Topic}", text, StringComparison.Ordinal);
        Assert.Contains("messaging.kafka.offset", text, StringComparison.Ordinal);
        Assert.Contains("x-collector-key: abc", headers, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Only_readings_that_are_followed_carry_a_header()
    {
        TestKafka.SkipUnlessEmbedded("it looks at all there is in the topic");
        await using var kafka = await TestKafka.StartAsync(1);
        await using var services = PipelineHost.BuildProducer(kafka.Options, TimeSpan.Zero);
        var producer = services.GetRequiredService<ReadingProducer>();

        await producer.AppendAsync(1, Reading(1), cancellationToken: TestContext.Current.CancellationToken);
        using (var other = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start())
        {
            // Without a listener for the spans of this project, no span is created.
            await producer.AppendAsync(1, Reading(1), cancellationToken: TestContext.Current.CancellationToken);
        }

        string? followed;
        using (Follow(ReadingTraces.SourceName, ActivitySamplingResult.AllDataAndRecorded))
        using (var request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start())
        {
            followed = request.TraceId.ToHexString();
            await producer.AppendAsync(1, Reading(1), cancellationToken: TestContext.Current.CancellationToken);
        }

        using (Follow(ReadingTraces.SourceName, ActivitySamplingResult.PropagationData))
        {
            await producer.AppendAsync(1, Reading(1), cancellationToken: TestContext.Current.CancellationToken);
        }

        await producer.FlushAsync(TestContext.Current.CancellationToken);
        var headers = Headers(kafka, 4);
        Assert.Equal(
            [null, null, $"00-{followed}-", null],
            headers.Select(header => header?[..(header.IndexOf(followed, StringComparison.Ordinal) + 33)]));
        Assert.EndsWith("-01", headers[2], StringComparison.Ordinal);
    }

    private static ActivityListener Follow(string source, ActivitySamplingResult result)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => result,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static byte[] Reading(int sensor)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        return Encoding.UTF8.GetBytes($"{{\"sensor_id\":{sensor},\"timestamp\":{now},\"temperature\":21.5}}");
    }

    /// <returns>The <c>traceparent</c> of each message; null: it has none.</returns>
    private static List<string?> Headers(TestKafka kafka, int messages)
    {
        var config = new ConsumerConfig { BootstrapServers = kafka.BootstrapServers, GroupId = "headers" };
        using var consumer = new ConsumerBuilder<Ignore, byte[]>(config).Build();
        consumer.Assign(new TopicPartitionOffset(kafka.Options.Topic, 0, 0));
        var headers = new List<string?>();
        while (headers.Count < messages)
        {
            var message = consumer.Consume(Patience) ?? throw new TimeoutException($"{headers.Count} of {messages} messages came.");
            headers.Add(message.Message.Headers.TryGetLastBytes("traceparent", out var bytes) ? Encoding.ASCII.GetString(bytes) : null);
        }

        return headers;
    }
}
