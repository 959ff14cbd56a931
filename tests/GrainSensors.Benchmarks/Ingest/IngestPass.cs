using GrainSensors.Benchmarks.Feeding;
using GrainSensors.Benchmarks.Product;
using GrainSensors.Benchmarks.Servers;

namespace GrainSensors.Benchmarks.Ingest;

/// <summary>One contender works off one log.</summary>
internal static class IngestPass
{
    /// <summary>The dirty rows of more sensors cannot be written in the time that a silo takes to stop.</summary>
    private const int MostSensorsToHurry = 200_000;

    /// <summary>
    /// It is the log that ends, not the sensors: a million disconnections and closed windows beside the last checkpoint are no
    /// part of what the bare loop does.
    /// </summary>
    private static readonly Dictionary<string, string> SensorsDoNotEnd = new()
    {
        ["GrainSensors__IdleTimeout"] = "-00:00:00.001",

        // Time goes on at the end of the log, and the last checkpoint of a million sensors takes longer than the usual half minute.
        ["GrainSensors__Monitor__Timeout"] = "1.00:00:00",

        // All names of the log are new.
        ["GrainSensors__SensorNames__MaxNew"] = "10000000",
        ["GrainSensors__SensorNames__Max"] = "10000000",
    };

    /// <param name="silos">0: the bare loop.</param>
    /// <param name="taken">Is told how many readings.</param>
    public static Task<IngestRound> RunAsync(
        int silos,
        IngestRequest request,
        ReadingTopic topic,
        ScratchDatabase database,
        FeederProcess feeder,
        Action<long> taken,
        CancellationToken cancellationToken) => silos == 0
        ? BareAsync(request, topic, database, feeder, taken, cancellationToken)
        : SilosAsync(silos, request, topic, database, feeder, taken, cancellationToken);

    private static async Task<IngestRound> BareAsync(
        IngestRequest request,
        ReadingTopic topic,
        ScratchDatabase database,
        FeederProcess feeder,
        Action<long> taken,
        CancellationToken cancellationToken)
    {
        await using var run = await BareRun.StartAsync(
            topic, database.ConnectionString, request.Readings, request.WarmUp, cancellationToken);
        return await run.WorkOffAsync(request, feeder, database.ConnectionString, taken, cancellationToken);
    }

    /// <summary>Has the contract's JSON read by a mapping, and another topic in place of the topic of readings.</summary>
    private static Dictionary<string, string> SourceOf(string topic) => new()
    {
        ["GrainSensors__Kafka__Topic"] = $"{topic}.contract",
        ["GrainSensors__Sources__0__Name"] = "mapped",
        ["GrainSensors__Sources__0__Topics__0"] = topic,
        ["GrainSensors__Sources__0__Mapping__Sensor"] = "{/sensor_id}",
        ["GrainSensors__Sources__0__Mapping__Time"] = "/timestamp",
        ["GrainSensors__Sources__0__Mapping__Values__temperature"] = "/temperature",
        ["GrainSensors__Sources__0__Mapping__Values__humidity"] = "/humidity",
    };

    private static Dictionary<string, string> SeveralPeriods() => new[] { "PT1M", "PT15M", "PT1H/PT5M", "P1D@Europe/Madrid" }
        .Select((period, i) => ($"GrainSensors__Periods__{i}__Period", period)).ToDictionary();

    /// <summary>The measurements of the contract, and those that are discovered, with sketches.</summary>
    private static readonly Dictionary<string, string> AllSketches = new()
    {
        ["GrainSensors__Measurements__0__Name"] = "temperature",
        ["GrainSensors__Measurements__0__Min"] = "-100",
        ["GrainSensors__Measurements__0__Max"] = "150",
        ["GrainSensors__Measurements__0__Sketch"] = "true",
        ["GrainSensors__Measurements__1__Name"] = "humidity",
        ["GrainSensors__Measurements__1__Min"] = "0",
        ["GrainSensors__Measurements__1__Max"] = "100",
        ["GrainSensors__Measurements__1__Sketch"] = "true",
        ["GrainSensors__Discovery__Sketch"] = "true",
    };

    private static async Task<IngestRound> SilosAsync(
        int silos,
        IngestRequest request,
        ReadingTopic topic,
        ScratchDatabase database,
        FeederProcess feeder,
        Action<long> taken,
        CancellationToken cancellationToken)
    {
        var settings = SensorsDoNotEnd
            .Concat(request.Mapping ? SourceOf(topic.Name) : [])
            .Concat(request.Periods ? SeveralPeriods() : [])
            .Concat(request.Sketches ? AllSketches : []).ToDictionary();
        await using var run = await ProductRun.StartAsync(silos, topic, database.ConnectionString, settings, cancellationToken);
        var hurry = request.Silos == 1 && request.Sensors <= MostSensorsToHurry;
        var (from, to) = await WorkOff.RunAsync(run, feeder, request.Readings, request.WarmUp, hurry, taken, cancellationToken);
        var isExact = await run.CountAsync(cancellationToken) == request.Readings;
        return new(request.Readings - request.WarmUp, from, to, isExact, run.Usage(from, to));
    }
}
