namespace GrainSensors.Reconciliation.Spark;

/// <summary>Which Spark to use, and what it needs; null: found or downloaded.</summary>
/// <param name="Master">As <c>spark-submit --master</c> takes it.</param>
/// <param name="Home">Where <c>bin/spark-submit</c> is; null: the environment variable SPARK_HOME.</param>
/// <param name="Job">The folder of the published job; null: <c>spark</c> beside this executable.</param>
/// <param name="KafkaPackage">Maven coordinates, or paths of jars separated by commas.</param>
/// <param name="PostgresDriver">Maven coordinates, or the path of a jar.</param>
/// <param name="DotnetJar">The path of the microsoft-spark jar; null: the one beside the job that fits.</param>
public sealed record SparkOptions(
    string Master, string? Home = null, string? Job = null, string? KafkaPackage = null, string? PostgresDriver = null, string? DotnetJar = null);
