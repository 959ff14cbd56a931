using System.Globalization;
using System.Text;
using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Reconcile;
using GrainSensors.Reconciliation;
using GrainSensors.Reconciliation.Filling;
using GrainSensors.Reconciliation.Local;
using GrainSensors.Reconciliation.Log;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Sources;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Schemas;
using GrainSensors.Storage;
using GrainSensors.Storage.Opening;
using GrainSensors.Storage.Versions;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Tests.Shared;

/// <summary>A log and stored windows that a test writes, and reconciliation runs over both.</summary>
internal sealed class ReconciledLog : IAsyncDisposable
{
    /// <summary>2026-11-24T10:00:00Z.</summary>
    public const long Start = 1_795_514_400L * EpochTime.MicrosPerSecond;

    public static readonly Period Period = Period.FromSeconds(60);

    /// <summary>Its windows are merged if the test makes it a period of the store.</summary>
    public static readonly WindowPeriod LongerPeriod = WindowPeriod.Parse("PT1H");

    private readonly TemporaryDirectory _folder = new();
    private readonly IProducer<byte[]?, byte[]?> _producer;

    private ReconciledLog(TestKafka kafka, IReadingLog readers, string? postgres)
    {
        (Kafka, Log) = (kafka, readers);
        Store = WindowStoreAddress.Parse(postgres is null ? $"sqlite:{_folder.File("windows.db")}" : $"postgres:{postgres}")
            .Open(new() { Retention = Timeout.InfiniteTimeSpan, Longer = new(Period, [LongerPeriod]) });
        var configuration = new ProducerConfig { BootstrapServers = kafka.BootstrapServers, LingerMs = 1 };
        _producer = new ProducerBuilder<byte[]?, byte[]?>(configuration).Build();
    }

    public TestKafka Kafka { get; }

    public IReadingLog Log { get; private set; }

    public IStore Store { get; }

    public SourceId Source(int partition = 0, string? topic = null) => TopicOf(topic).SourceOf(partition);

    /// <param name="postgres">The connection string of an empty database; null for SQLite.</param>
    /// <param name="sources">Sources with one topic each.</param>
    public static async Task<ReconciledLog> StartAsync(int partitions = 2, string? postgres = null, params SourceOptions[] sources)
    {
        var kafka = await TestKafka.StartAsync(partitions, [.. sources.Select(source => source.Topics[0])]);
        var log = new ReconciledLog(kafka, await OpenAsync(kafka, sources), postgres);
        await log.Store.PrepareAsync(CancellationToken.None);
        return log;
    }

    /// <summary>Configures the sources anew.</summary>
    public async Task ConfigureAsync(params SourceOptions[] sources) => Log = await OpenAsync(Kafka, sources);

    /// <summary>Stores that a source is read by the present configuration from an offset on.</summary>
    public Task AddVersionAsync(
        string? topic, long first, long settled, Func<ReconciliationRequest, ReconciliationRequest>? change = null)
    {
        var request = change?.Invoke(Request()) ?? Request();
        using var schemas = new SourceSchemas();
        var meaning = MessageMeaning.Of(request.Measurements, request.Discovery, request.Earliest, TopicOf(topic).Source, schemas);
        return AddVersionAsync(topic, new(first, settled, meaning.ToJson()));
    }

    /// <summary>Stores a version of a partition that has no checkpoint yet.</summary>
    public async Task AddVersionAsync(string? topic, MessageVersion version)
    {
        var stored = await Store.MessageVersions.ReadAsync(TopicOf(topic).Id, CancellationToken.None);
        await (stored.Count == 0
            ? Store.MessageVersions.BeginAsync(Source(0, topic), version, CancellationToken.None)
            : Store.MessageVersions.AddAsync(Source(0, topic), version, null, CancellationToken.None));
    }

    /// <returns>The offset of the reading.</returns>
    public Task<long> ProduceAsync(int sensor, long time, double temperature, int partition = 0) =>
        ProduceAsync(Json(sensor, time, temperature), partition);

    /// <param name="topic">The topic of a source; null: the topic of readings.</param>
    /// <param name="headers">The headers, of which values are text.</param>
    public async Task<long> ProduceAsync(
        byte[]? bytes, int partition = 0, string? topic = null, byte[]? key = null, params (string Name, string Value)[] headers)
    {
        var message = new Message<byte[]?, byte[]?> { Key = key, Value = bytes, Headers = [] };
        foreach (var (name, value) in headers)
        {
            message.Headers.Add(name, Encoding.UTF8.GetBytes(value));
        }

        var written = await _producer.ProduceAsync(new TopicPartition(topic ?? Kafka.Options.Topic, partition), message);
        return written.Offset.Value;
    }

    /// <param name="topic">The topic of a source; null: the topic of readings.</param>
    /// <param name="parts">The rejected readings; null: all.</param>
    public Task ProduceDeadLetterAsync(
        byte[]? bytes, string reason, long offset, int partition = 0, string? topic = null, string? parts = null)
    {
        var headers = new Headers
        {
            { "reason", Encoding.UTF8.GetBytes(reason) },
            { "source.topic", Encoding.UTF8.GetBytes(topic ?? Kafka.Options.Topic) },
            { "source.partition", Encoding.UTF8.GetBytes(partition.ToString(CultureInfo.InvariantCulture)) },
            { "source.offset", Encoding.UTF8.GetBytes(offset.ToString(CultureInfo.InvariantCulture)) },
        };
        if (parts is not null)
        {
            headers.Add("parts", Encoding.UTF8.GetBytes(parts));
        }

        return _producer.ProduceAsync(Kafka.Options.DeadLetterTopic, new() { Value = bytes, Headers = headers });
    }

    /// <summary>Stores a row as the stream would write it.</summary>
    /// <param name="values">The readings of the row.</param>
    /// <param name="mark">The last offset in the row.</param>
    public async Task<WindowRow> StoreAsync(
        int sensor, long start, double[] values, long mark, bool final = true, SourceId? source = null, string measurement = "temperature")
    {
        var statistics = values.Aggregate(default(Core.Statistics.RunningStatistics), (all, value) => all.Add(value));
        var row = new WindowRow(
            new(sensor, measurement, Period, start), statistics, Marks.Empty.Raise(source ?? Source(), mark),
            Random.Shared.NextInt64(), 0, final);
        var outcome = await Store.WriteAsync([row.Write()], CancellationToken.None);
        Assert.Equal([WriteOutcome.Written], outcome);
        return row;
    }

    /// <summary>Stores a checkpoint: every offset below is durable; by default all windows are closed.</summary>
    public async Task CheckpointAsync(
        long nextOffset, int partition = 0, long streamTime = EpochTime.Max - 1, long openFrom = long.MaxValue, LeaderEpochs? epochs = null,
        string? topic = null)
    {
        var stored = await Store.ReadCheckpointAsync(Source(partition, topic), CancellationToken.None);
        var life = await Store.ReadLifeAsync(CancellationToken.None);
        var checkpoint = new Checkpoint(Source(partition, topic), nextOffset, streamTime, openFrom)
        {
            Epochs = epochs,
            Life = life,
            Replaces = stored is null ? [] : [stored.Token],
        };
        Assert.True(await Store.WriteCheckpointAsync(checkpoint, CancellationToken.None));
    }

    public Task<ReconciliationResult> RunAsync(
        Func<ReconciliationRequest, ReconciliationRequest>? change = null, Func<IRecomputation, IRecomputation>? wrap = null) =>
        RunUntilAsync(CancellationToken.None, change, wrap);

    /// <param name="interruption">Interrupts the run.</param>
    public async Task<ReconciliationResult> RunUntilAsync(
        CancellationToken interruption, Func<ReconciliationRequest, ReconciliationRequest>? change = null,
        Func<IRecomputation, IRecomputation>? wrap = null)
    {
        IRecomputation engine = new LocalEngine(Log, Store.Names, new(_folder.Path, "256MB"));
        await using var wrapped = wrap?.Invoke(engine) ?? engine;
        var reconciler = new Reconciler(Log, Store, wrapped, TimeProvider.System);
        return await reconciler.RunAsync(change?.Invoke(Request()) ?? Request(), interruption);
    }

    /// <summary>Fills what the request's measurements keep.</summary>
    /// <param name="interruption">Interrupts the fill.</param>
    public async Task<FillResult> FillUntilAsync(
        CancellationToken interruption, Func<ReconciliationRequest, ReconciliationRequest>? change = null,
        Func<IRecomputation, IRecomputation>? wrap = null)
    {
        IRecomputation engine = new FoldingEngine(Log, Store.Names, new(_folder.Path, "256MB"));
        await using var wrapped = wrap?.Invoke(engine) ?? engine;
        var filler = new WindowFiller(Log, Store, wrapped, TimeProvider.System);
        return await filler.RunAsync(change?.Invoke(Request()) ?? Request(), interruption);
    }

    public async Task<WindowRow?> FindAsync(WindowKey key) =>
        (await Store.ReadAsync([key.Window], CancellationToken.None)).SelectMany(window => window.Rows)
            .SingleOrDefault(row => row.Key == key);

    public async ValueTask DisposeAsync()
    {
        _producer.Dispose();
        await Store.DisposeAsync();
        await Kafka.DisposeAsync();
        _folder.Dispose();
    }

    private static ReconciliationRequest Request() => new(
        Period, Start, Start + (60 * Period.TotalMicros), null, MeasurementSet.Default.All)
    {
        Earliest = 0,
        MaxAhead = EpochTime.From(TimeSpan.FromHours(1)),
        Grace = EpochTime.From(TimeSpan.FromSeconds(10)),
    };

    private LogTopic TopicOf(string? name) => name is null ? Log.Topics[0] : Log.Topics.Single(topic => topic.Name == name);

    private static async Task<IReadingLog> OpenAsync(TestKafka kafka, SourceOptions[] sources)
    {
        var topics = new SourceTopics(sources);
        return new PipelineLog(await LogReaders.OpenAsync(kafka.Options, topics), topics);
    }

    public static byte[] Json(int sensor, long time, double temperature) => Encoding.UTF8.GetBytes(FormattableString.Invariant(
        $"{{\"sensor_id\":{sensor},\"timestamp\":{(decimal)time / EpochTime.MicrosPerSecond},\"temperature\":{temperature}}}"));
}
