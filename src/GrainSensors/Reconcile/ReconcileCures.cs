using GrainSensors.Hosting.Configuration;
using GrainSensors.Reconciliation.Model;

namespace GrainSensors.Reconcile;

/// <summary>Adds the options that remedy a failure of a reconciliation, which the engines do not know.</summary>
internal static class ReconcileCures
{
    public static UsageException ToUsage(this ReconciliationException e) =>
        new(Cure(e.Fault) is { } cure ? $"{e.Message} {cure}" : e.Message, e);

    private static string? Cure(ReconciliationFault fault) => fault switch
    {
        ReconciliationFault.LocalEngineFailed =>
            "Give it more memory with --memory SIZE, or more disk space with --temp FOLDER.",
        ReconciliationFault.SparkNotConfigured or ReconciliationFault.SparkNotFound =>
            "Set SPARK_HOME to the folder of a Spark installation, or use --engine local.",
        ReconciliationFault.JobNotFound =>
            "Build the job with `dotnet publish src/GrainSensors.Reconciliation.Spark -c Release -p:UseSpark=true -o FOLDER` and pass "
            + "--spark-job FOLDER, or use --engine local.",
        ReconciliationFault.DotnetJarNotFound =>
            "Microsoft.Spark 2.3.0 has jars for Spark 2.4 and 3.0 to 3.5; pass the path of another jar with --spark-dotnet-jar PATH.",
        ReconciliationFault.KafkaJarNotFound => "Pass existing jars or Maven coordinates with --spark-kafka.",
        ReconciliationFault.PostgresJarNotFound => "Pass an existing jar or Maven coordinates with --spark-postgres.",
        _ => null,
    };
}
