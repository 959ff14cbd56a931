using GrainSensors.Reconciliation.Spark.Job;
using Microsoft.Spark.Sql;

namespace GrainSensors.Reconciliation.Spark;

/// <summary>
/// Kafka in, windows out into PostgreSQL: DataFrame and SQL calls only. No function of C# runs inside Spark, hence no
/// Microsoft.Spark.Worker on its machines.
/// </summary>
internal static class WindowsJob
{
    private const string Staging = "reconciliation_staging";
    private const string Offsets = "reconciliation_offsets";

    public static void Run(JobOptions options)
    {
        var spark = SparkSession.Builder().AppName($"grainsensors reconcile {options.RunId}").GetOrCreate();
        try
        {
            Messages(spark, options).CreateOrReplaceTempView(JobStatements.Messages);
            FromPostgres(spark, options, JobStatements.DeadLetterQuery(options)).CreateOrReplaceTempView(JobStatements.DeadLetters);

            // Read once for three questions; what does not fit into memory goes to disk.
            spark.Sql(JobStatements.Parse(options)).Persist(StorageLevel.MEMORY_AND_DISK).CreateOrReplaceTempView(JobStatements.Judged);
            spark.Sql(JobStatements.TakeReadings(options)).CreateOrReplaceTempView(JobStatements.Readings);
            ToPostgres(spark.Sql(JobStatements.Result(options)), options, Staging);
            ToPostgres(spark.Sql(JobStatements.Disagreements(options)), options, Offsets);
        }
        finally
        {
            spark.Stop();
        }
    }

    private static DataFrame Messages(SparkSession spark, JobOptions options) => spark.Read().Format("kafka")
        .Options(options.Kafka)
        .Option("assign", KafkaOffsets.Assignment(options))
        .Option("startingOffsets", KafkaOffsets.Starting(options))
        .Option("endingOffsets", KafkaOffsets.Ending(options))

        // What retention takes meanwhile is told from where the log begins.
        .Option("failOnDataLoss", "false")
        .Load();

    private static DataFrame FromPostgres(SparkSession spark, JobOptions options, string query) =>
        spark.Read().Format("jdbc").Options(Jdbc(options)).Option("dbtable", query).Load();

    private static void ToPostgres(DataFrame rows, JobOptions options, string table) =>
        rows.Write().Mode(SaveMode.Append).Format("jdbc").Options(Jdbc(options)).Option("dbtable", table).Save();

    private static Dictionary<string, string> Jdbc(JobOptions options)
    {
        var jdbc = new Dictionary<string, string> { ["url"] = options.JdbcUrl, ["user"] = options.JdbcUser, ["driver"] = "org.postgresql.Driver" };
        if (!string.IsNullOrEmpty(options.JdbcPassword))
        {
            jdbc["password"] = options.JdbcPassword;
        }

        return jdbc;
    }
}
