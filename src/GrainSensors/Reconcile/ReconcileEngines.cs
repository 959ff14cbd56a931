using GrainSensors.Hosting.Configuration;
using GrainSensors.Reconciliation.Local;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Reconciliation.Spark;

namespace GrainSensors.Reconcile;

/// <summary>Makes the engine that was asked for, or says what it lacks.</summary>
internal static class ReconcileEngines
{
    /// <exception cref="UsageException">The engine cannot run here.</exception>
    public static IRecomputation Create(PipelineSettings settings, ReconcileOptions options, PipelineLog log)
    {
        if (options.Engine == ReconcileOptions.Local)
        {
            return Directory.Exists(options.Folder)
                ? new LocalEngine(log, new(options.Folder, options.Memory))
                : throw new UsageException($"--temp {options.Folder} is no folder; name one that exists, with room for the readings of the range.");
        }

        try
        {
            var submission = SparkSubmission.Locate(options.Spark);
            var database = settings.Store.CreateDataSource()
                ?? throw new UsageException("Spark writes its windows into PostgreSQL: --engine spark needs --store postgres:…; use --engine local for SQLite.");
            return new SparkEngine(submission, log, SparkKafka.Options(settings.Kafka), database, settings.Store.Jdbc!);
        }
        catch (ReconciliationException e)
        {
            throw e.ToUsage();
        }
    }
}
