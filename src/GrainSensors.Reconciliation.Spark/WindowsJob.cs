using GrainSensors.Reconciliation.Spark.Job;
using GrainSensors.Core.Text;
using Microsoft.Spark.Sql;
using Microsoft.Spark.Sql.Types;

namespace GrainSensors.Reconciliation.Spark;

/// <summary>
/// Reads the readings from Kafka and writes the windows to PostgreSQL with DataFrame and SQL calls only. No C# function runs
/// inside Spark, so Spark's machines need no Microsoft.Spark.Worker.
/// </summary>
internal static class WindowsJob
{
    private const string Staging = "reconciliation_staging";
    private const string Offsets = "reconciliation_offsets";

    /// <summary>Each part of a result has a connection of its own, and Spark makes 200 parts for each measurement.</summary>
    private const int Connections = 8;

    /// <summary>The driver reads whole tables at once otherwise.</summary>
    private const int RowsAtOnce = 10_000;

    /// <summary>Spark needs a few iterations for each of the many steps of <see cref="JobStatements.Parse"/>; 100 are not enough.</summary>
    private const int MaxIterations = 100_000;

    /// <summary>Spark 2.4 has the first setting only; Spark 3 has another one to resolve names.</summary>
    private static readonly string[] Iterations = ["spark.sql.optimizer.maxIterations", "spark.sql.analyzer.maxIterations"];

    public static void Run(JobOptions options)
    {
        var builder = SparkSession.Builder().AppName($"grainsensors reconcile {options.RunId}");
        foreach (var key in Iterations)
        {
            builder.Config(key, MaxIterations);
        }

        var spark = builder.GetOrCreate();
        try
        {
            Messages(spark, options).CreateOrReplaceTempView(JobStatements.Messages);
            FromPostgres(spark, options, JobStatements.DeadLetterQuery(options)).CreateOrReplaceTempView(JobStatements.DeadLetters);

            // Three statements use the parsed messages, so they are kept; Spark spills to disk beyond its memory.
            spark.Sql(JobStatements.Parse(options)).Persist(StorageLevel.MEMORY_AND_DISK)
                .CreateOrReplaceTempView(JobStatements.Parsed);
            FromPostgres(spark, options, JobStatements.StoredNames).Select("name", "number")
                .CreateOrReplaceTempView(JobStatements.StoredNames);
            Spellings(spark).CreateOrReplaceTempView(JobStatements.Spellings);
            spark.Sql(JobStatements.Resolve(options)).CreateOrReplaceTempView(JobStatements.Resolved);

            // Each measurement reads them.
            FromPostgres(spark, options, JobStatements.MappedQuery(options)).Persist(StorageLevel.MEMORY_AND_DISK)
                .CreateOrReplaceTempView(JobStatements.Mapped);
            spark.Sql(JobStatements.TakeReadings(options)).CreateOrReplaceTempView(JobStatements.Readings);
            ToPostgres(spark.Sql(JobStatements.Result(options)), options, Staging);
            ToPostgres(spark.Sql(JobStatements.Disagreements(options)), options, Offsets);
        }
        finally
        {
            spark.Stop();
        }
    }

    private static DataFrame Messages(SparkSession spark, JobOptions options) => !KafkaOffsets.Any(options)
        ? spark.Sql(JobStatements.NoMessages)
        : spark.Read().Format("kafka")
            .Options(options.Kafka)
            .Option("assign", KafkaOffsets.Assignment(options))
            .Option("startingOffsets", KafkaOffsets.Starting(options))
            .Option("endingOffsets", KafkaOffsets.Ending(options))

            // The run itself detects, by the beginning of the log, what retention removes in the meantime.
            .Option("failOnDataLoss", "false")
            .Load();

    /// <summary>Brings names into normal form C, which Spark has no function for.</summary>
    private static DataFrame Spellings(SparkSession spark)
    {
        var rows = spark.Sql(JobStatements.UnknownNames()).Collect().Select(row => row.GetAs<string>(0))
            .Select(name => new GenericRow([name, NormalForm.Of(name)])).ToList();
        return spark.CreateDataFrame(
            rows, new StructType([new StructField("name", new StringType()), new StructField("stored", new StringType())]));
    }

    private static DataFrame FromPostgres(SparkSession spark, JobOptions options, string query) =>
        spark.Read().Format("jdbc").Options(Jdbc(options)).Option("dbtable", query).Option("fetchsize", RowsAtOnce).Load();

    /// <remarks>
    /// Not by Coalesce: it joins many parts in one task, and each join of Spark 2.4 that ends early keeps memory until the task ends.
    /// </remarks>
    private static void ToPostgres(DataFrame rows, JobOptions options, string table) =>
        rows.Repartition(Connections).Write().Mode(SaveMode.Append).Format("jdbc").Options(Jdbc(options)).Option("dbtable", table).Save();

    private static Dictionary<string, string> Jdbc(JobOptions options)
    {
        var jdbc = new Dictionary<string, string>
        {
            ["url"] = options.JdbcUrl,
            ["user"] = options.JdbcUser,
            ["driver"] = "org.postgresql.Driver",
        };
        if (!string.IsNullOrEmpty(options.JdbcPassword))
        {
            jdbc["password"] = options.JdbcPassword;
        }

        return jdbc;
    }
}
