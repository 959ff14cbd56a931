using System.Text.Json;
using System.Text.Json.Serialization;
using GrainSensors.Contracts.Alerts;
using GrainSensors.Contracts.Cluster;
using GrainSensors.Contracts.Sensors;
using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Alerts;
using GrainSensors.Grains.Alerts.Groups;
using Orleans.Serialization;

namespace GrainSensors.Contracts.Tests;

/// <summary>A value of each message, by the name of its type on the wire; several of one type have a suffix.</summary>
internal static class WireSamples
{
    /// <summary>The JSON by which samples are compared.</summary>
    private static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>The measurements of both sides: three are declared, and co2 is not.</summary>
    public static MeasurementCatalog Catalog { get; } = NewCatalog();

    public static IReadOnlyList<IWireSample> All { get; } =
    [
        Sample("GrainSensors.SensorReport", new SensorReport(
            new(2026, 11, 24, 10, 30, 0, 250, TimeSpan.FromHours(1)),
            new Dictionary<string, double?> { ["temperature"] = 21.5, ["humidity"] = null })),
        Sample("GrainSensors.ReadingNotPublishedException", new ReadingNotPublishedException("the topic is full"), Exception),
        Sample(
            "GrainSensors.WindowStoreException",
            new WindowStoreException("the store is out", new InvalidOperationException("of reach")),
            Exception),
        Sample("GrainSensors.SourceId.Wire", new SourceId(new("0193a5c2-1111-7222-8333-444455556666"), 5)),
        Sample("GrainSensors.SourceId.Wire#incarnation", new SourceId(new("0193a5c2-1111-7222-8333-444455556666"), 5, 7)),
        Sample(
            "GrainSensors.ReadingSlice.Wire",
            new ReadingSlice(ReadingBatch.Of(Reading(1), Reading(2, 20.5), Reading(3, 21, double.NaN, -0.25), Reading(4)), 1, 2),
            Readings),
        Sample("GrainSensors.ReadingSlice.Wire#absent", new ReadingSlice(ReadingBatch.Of(Reading(9)), 0, 1), Readings),
        Sample(
            "GrainSensors.ReadingSlice.Wire#discovered",
            new ReadingSlice(ReadingBatch.Of(Reading(1, 20.5), Reading(2, 21, double.NaN, 1013, 412), Reading(3)), 0, 3),
            Readings),
        Sample("GrainSensors.ReadingSlice.Wire#empty", new ReadingSlice(ReadingBatch.Of(), 0, 0), Readings),
        Sample(
            "GrainSensors.ShardReadings.Wire",
            new ShardReadings(ReadingBatch.Of(Reading(1), Reading(2, 20.5), Reading(3, 21, double.NaN, -0.25), Reading(4)), 1, 2),
            ShardOf),
        Sample(
            "GrainSensors.ShardReadings.Wire#discovered",
            new ShardReadings(ReadingBatch.Of(Reading(1, 20.5), Reading(2, 21, double.NaN, 1013, 412), Reading(3)), 0, 3),
            ShardOf),
        Sample("GrainSensors.ShardState", new ShardState { Marks = [1, 2, 3], Watches = [4, 5] }),
        Sample(
            "GrainSensors.NotifierState",
            new NotifierState { Since = 1_732_400_000_000_000, Told = [new("0193a5c2-1111-7222-8333-444455556666")] }),
        Sample("GrainSensors.CompareState", new CompareState { JudgedUntil = new() { ["odd"] = 1_732_400_000_000_000 } }),
        Sample("GrainSensors.AddStatus", AddStatus.Applied),
        Sample("GrainSensors.AddStatus#gap", AddStatus.Gap),
        Sample("GrainSensors.IngestReport", new IngestReport(Readings: 1000, Rejected: 5, Late: 7, Closed: 60, Rewinds: 2, Missed: 1)),
        Sample("GrainSensors.PartitionReport", Partition),
        Sample("GrainSensors.SiloReport", new SiloReport(
            "10.0.0.1:11111",
            "silo-1",
            "Active",
            "1.2.3",
            new(2026, 11, 24, 10, 30, 0, DateTimeKind.Utc),
            null,
            "kafka:9092",
            "sensor-data",
            6,
            [Partition, Partition with { Partition = 4, CheckpointedAt = null, Trouble = "the store is out" }],
            new(1000, 5, 7, 60, 2, 1),
            "the store is out",
            null,
            FeatureLevel: 2,
            ClusterFeatureLevel: 1,
            SourceTopics: new() { ["chirpstack"] = 3 })),
        Sample("GrainSensors.SiloReport#silent", SiloReport.WithoutAnswer("10.0.0.2:11111", "Active", "it did not answer within 3 s")),
    ];

    private static PartitionReport Partition =>
        new(
            3,
            IsReady: true,
            Position: 120,
            Checkpointed: 100,
            new(2026, 11, 24, 10, 31, 0, DateTimeKind.Utc),
            Lag: 12,
            OpenWindows: 20,
            Trouble: null);

    private static Reading Reading(long offset, params ReadOnlySpan<double> values) =>
        new() { SensorId = 7, Offset = offset, Timestamp = 1_732_400_000_000_000 + offset, Values = MeasurementValues.Of(values) };

    private static MeasurementCatalog NewCatalog()
    {
        var catalog = new MeasurementCatalog(new([.. MeasurementSet.Default.All, new("pressure", 0, 2000)]));
        catalog.NumberOf("co2");
        return catalog;
    }

    private static object Exception(Exception e) => new { e.Message, Inner = e.InnerException?.Message };

    private static object Readings(ReadingSlice slice) => Values(slice.Span, slice.Batch);

    private static object ShardOf(ShardReadings readings) => Values(readings.Span, readings.Batch);

    private static object Values(ReadOnlySpan<BatchedReading> readings, ReadingBatch batch) =>
        readings.ToArray()
            .Select(reading => Core.Readings.Reading.Of(reading, batch.ValuesOf(reading)))
            .Select(reading => new
            {
                reading.SensorId,
                reading.Offset,
                reading.Timestamp,
                Values = Enumerable.Range(0, 8).Select(measurement => reading.Values[measurement]).ToArray(),
            });

    private static WireSample<T> Sample<T>(string name, T value, Func<T, object>? content = null) => new(name, value, content ?? (v => v!));

    /// <summary>A value and its conversion to bytes and back.</summary>
    private sealed record WireSample<T>(string Name, T Value, Func<T, object> Content) : IWireSample
    {
        public byte[] Write(Serializer serializer) => serializer.SerializeToArray(Value);

        public string Read(Serializer serializer, byte[] bytes) => Text(serializer.Deserialize<T>(bytes)!);

        public string Text() => Text(Value);

        private string Text(T value) => JsonSerializer.Serialize(Content(value), Json);
    }
}

/// <summary>A message of any type.</summary>
internal interface IWireSample
{
    /// <summary>The name of the type on the wire, with a suffix if it has several samples.</summary>
    string Name { get; }

    byte[] Write(Serializer serializer);

    /// <returns>The content of the message as JSON.</returns>
    string Read(Serializer serializer, byte[] bytes);

    /// <returns>The content of the value as JSON.</returns>
    string Text();
}
