using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Stores;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Reconciliation;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Reconcile;

/// <summary><c>reconcile</c>, once its options are understood.</summary>
internal sealed class ReconcileRun(PipelineSettings settings, ReconcileOptions options, TimeProvider clock)
{
    /// <exception cref="UsageException">It cannot run as it was given.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        if (settings.Kafka.BootstrapServers.Length == 0)
        {
            throw new UsageException("Give the Kafka that holds the readings with --kafka HOST:PORT or as GrainSensors:Kafka:BootstrapServers.");
        }

        using var interruption = new Interruption(cancellationToken);
        await using var store = StoreFactory.Open(settings);

        // A store that is not there is not to be created: it would be taken for one that has lost everything.
        await store.ReadCheckpointAsync(default, interruption.Token);
        await store.PrepareAsync(interruption.Token);
        var readers = await LogReaders.OpenAsync(settings.Kafka);
        var log = new PipelineLog(readers);
        await using var engine = ReconcileEngines.Create(settings, options, log);
        try
        {
            var result = await readers.GuardAsync(
                () => new Reconciler(log, store, engine, clock).RunAsync(Request(), interruption.Token));
            var report = new ReconcileReport(result, store.Description, settings.Kafka);
            Console.WriteLine(options.Json ? JsonOutput.Of(report.ToJson()) : report.ToText());
            return result.Run.Counts.Findings == 0 ? ExitCodes.Success : ExitCodes.SomethingWrong;
        }
        catch (OperationCanceledException e)
        {
            throw new UsageException("Interrupted; corrections that were made stay, and the next run makes the others.", e);
        }
        catch (ReconciliationException e)
        {
            throw e.ToUsage();
        }
    }

    private ReconciliationRequest Request()
    {
        var now = EpochTime.Now(clock);
        var period = settings.Ingest.Period;
        var (from, to) = ReconciliationRequest.Align(period, options.From, options.To);
        if (from >= to)
        {
            throw new UsageException(
                $"No window of {period} starts from {EpochTime.ToIso8601(options.From)} to {EpochTime.ToIso8601(options.To)}; give a longer range, or another --period.");
        }

        return new(period, from, to, options.SensorIds.Count == 0 ? null : options.SensorIds, settings.Measurements.All)
        {
            Earliest = new AcceptedTimes(settings.Readings).First,
            MaxAhead = EpochTime.From(settings.Readings.MaxAhead),
            Grace = EpochTime.From(settings.Ingest.Grace),
            KeptFrom = settings.Retention == Timeout.InfiniteTimeSpan ? long.MinValue : now - EpochTime.From(settings.Retention),
            DryRun = options.DryRun,
            WholeLog = options.WholeLog,
        };
    }
}
