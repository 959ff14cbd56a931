using GrainSensors.Hosting.Configuration;
using GrainSensors.Reconciliation.Local;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Reconciliation.Spark;
using GrainSensors.Storage.Names;

namespace GrainSensors.Reconcile;

/// <summary>Creates the requested engine.</summary>
internal static class ReconcileEngines
{
    /// <exception cref="UsageException">The engine cannot run with these options.</exception>
    public static IRecomputation Create(PipelineSettings settings, ReconcileOptions options, PipelineLog log, ISensorNames names)
    {
        if (options.Engine == ReconcileOptions.Local)
        {
            return Directory.Exists(options.Folder)
                ? new LocalEngine(log, names, new(options.Folder, options.Memory))
                : throw new UsageException(
                    $"--temp must be an existing folder with space for the readings of the range; got \"{options.Folder}\".");
        }

        try
        {
            var submission = SparkSubmission.Locate(options.Spark);
            var database = settings.Store.CreateDataSource()
                ?? throw new UsageException(
                    "--engine spark requires a PostgreSQL store; give --store postgres:CONNECTION, or use --engine local.");
            return new SparkEngine(submission, log, SparkKafka.Options(settings.Kafka), names, database, settings.Store.Jdbc!);
        }
        catch (ReconciliationException e)
        {
            throw e.ToUsage();
        }
    }
}
