using System.CommandLine;
using GrainSensors.Reconciliation.Spark;

namespace GrainSensors.Reconcile;

/// <summary>The options of <c>reconcile</c> for the Spark engine.</summary>
internal sealed class SparkArguments
{
    private const string DefaultMaster = "local[*]";

    private readonly Option<string?> _master = new("--spark-master")
    {
        HelpName = "URL",
        Description = $"Spark master, as for spark-submit [default: {DefaultMaster}]",
    };

    private readonly Option<string?> _job = new("--spark-job")
    {
        HelpName = "FOLDER",
        Description = "Folder of the published Spark job [default: spark beside this executable]",
    };

    private readonly Option<string?> _source = new("--spark-kafka")
    {
        HelpName = "MAVEN|JARS",
        Description = "Kafka source of Spark: Maven coordinates, or jar files separated by commas "
            + "[default: spark-sql-kafka-0-10 of Spark's version]",
    };

    private readonly Option<string?> _driver = new("--spark-postgres")
    {
        HelpName = "MAVEN|JAR",
        Description = "PostgreSQL JDBC driver: Maven coordinates or a jar file [default: org.postgresql:postgresql]",
    };

    private readonly Option<string?> _jar = new("--spark-dotnet-jar")
    {
        HelpName = "JAR",
        Description = "The microsoft-spark jar [default: the matching one beside the job]",
    };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _master, _job, _source, _driver, _jar })
        {
            command.Add(option);
        }
    }

    public SparkOptions Read(ParseResult result) => new(
        result.GetValue(_master) ?? DefaultMaster,
        null,
        result.GetValue(_job),
        result.GetValue(_source),
        result.GetValue(_driver),
        result.GetValue(_jar));
}
