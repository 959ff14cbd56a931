namespace GrainSensors.Reconciliation.Spark;

/// <summary>The Spark installation to use, and the files of the job.</summary>
/// <param name="Master">The value of <c>spark-submit --master</c>.</param>
/// <param name="Home">The folder that holds <c>bin/spark-submit</c>; null for the environment variable SPARK_HOME.</param>
/// <param name="Job">The folder of the published job; null for <c>spark</c> beside this executable.</param>
/// <param name="KafkaPackage">Maven coordinates, or comma-separated paths of jars; null for the package of Spark's version.</param>
/// <param name="PostgresDriver">Maven coordinates, or the path of a jar; null for a fixed version of the package.</param>
/// <param name="DotnetJar">The path of the microsoft-spark jar; null for the matching jar beside the job.</param>
public sealed record SparkOptions(
    string Master, string? Home = null, string? Job = null, string? KafkaPackage = null, string? PostgresDriver = null,
    string? DotnetJar = null);
