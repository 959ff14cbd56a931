using System.Text.RegularExpressions;
using GrainSensors.Reconciliation.Model;

namespace GrainSensors.Reconciliation.Spark;

/// <summary>The files and options of a <c>spark-submit</c> call, located and checked before the run begins.</summary>
/// <param name="Program">The path of <c>spark-submit</c>.</param>
/// <param name="Packages">Maven coordinates that Spark downloads.</param>
/// <param name="Jars">Paths of local jars.</param>
/// <param name="DotnetJar">The path of the microsoft-spark jar, the bridge between Spark and .NET.</param>
/// <param name="Job">The path of the job's assembly.</param>
public sealed partial record SparkSubmission(
    string Program, string Master, IReadOnlyList<string> Packages, IReadOnlyList<string> Jars, string DotnetJar, string Job)
{
    private const string JobName = "GrainSensors.Reconciliation.Spark.dll";
    private const string DefaultDriver = "org.postgresql:postgresql:42.7.4";
    private const string Bridge = "2.3.0";

    /// <exception cref="ReconciliationException">
    /// A file is missing; <see cref="ReconciliationException.Fault"/> says which.
    /// </exception>
    public static SparkSubmission Locate(SparkOptions options)
    {
        var home = options.Home ?? Environment.GetEnvironmentVariable("SPARK_HOME");
        if (string.IsNullOrEmpty(home))
        {
            throw new ReconciliationException(
                "No Spark installation is configured: SPARK_HOME is not set.", ReconciliationFault.SparkNotConfigured);
        }

        var program = Path.Combine(home, "bin", "spark-submit");
        if (!File.Exists(program))
        {
            throw new ReconciliationException($"SPARK_HOME {home} has no bin/spark-submit.", ReconciliationFault.SparkNotFound);
        }

        var (spark, scala) = VersionOf(home);
        var folder = options.Job ?? Path.Combine(AppContext.BaseDirectory, "spark");
        var job = Path.Combine(folder, JobName);
        if (!File.Exists(job))
        {
            throw new ReconciliationException($"The folder {folder} has no {JobName}.", ReconciliationFault.JobNotFound);
        }

        var jar = options.DotnetJar ?? Path.Combine(folder, $"microsoft-spark-{spark.Major}-{spark.Minor}_{scala}-{Bridge}.jar");
        if (!File.Exists(jar))
        {
            throw new ReconciliationException(
                $"The microsoft-spark jar for Spark {spark} does not exist: {jar}.", ReconciliationFault.DotnetJarNotFound);
        }

        var (packages, jars) = (new List<string>(), new List<string>());
        var kafka = options.KafkaPackage ?? $"org.apache.spark:spark-sql-kafka-0-10_{scala}:{spark}";
        Sort(kafka, "Spark's Kafka source", ReconciliationFault.KafkaJarNotFound, packages, jars);
        Sort(options.PostgresDriver ?? DefaultDriver, "PostgreSQL's JDBC driver", ReconciliationFault.PostgresJarNotFound, packages, jars);
        return new(program, options.Master, packages, jars, jar, job);
    }

    /// <param name="optionsFile">The path of the job's options.</param>
    /// <returns>The arguments of <c>spark-submit</c>; they hold no secret.</returns>
    public IReadOnlyList<string> Arguments(string optionsFile)
    {
        // The driver runs on this machine, because the options of the job are a local file.
        List<string> arguments =
        [
            "--class", "org.apache.spark.deploy.dotnet.DotnetRunner", "--master", Master, "--deploy-mode", "client",
            "--name", "grainsensors-reconcile",
        ];
        if (Packages.Count > 0)
        {
            arguments.AddRange(["--packages", string.Join(',', Packages)]);
        }

        if (Jars.Count > 0)
        {
            arguments.AddRange(["--jars", string.Join(',', Jars)]);
        }

        return [.. arguments, DotnetJar, "dotnet", Job, optionsFile];
    }

    /// <summary>Sorts the parts into files and Maven coordinates. A part that ends in .jar or has a slash is a file.</summary>
    private static void Sort(string given, string what, ReconciliationFault fault, List<string> packages, List<string> jars)
    {
        foreach (var part in given.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!part.EndsWith(".jar", StringComparison.OrdinalIgnoreCase) && !part.Contains('/', StringComparison.Ordinal))
            {
                packages.Add(part);
                continue;
            }

            jars.Add(File.Exists(part) ? part : throw new ReconciliationException($"The jar of {what} does not exist: {part}.", fault));
        }
    }

    /// <summary>Reads the versions of Spark and Scala from the name of the spark-core jar.</summary>
    private static (Version Spark, string Scala) VersionOf(string home)
    {
        var jars = Path.Combine(home, "jars");
        var core = Directory.Exists(jars)
            ? Directory.GetFiles(jars, "spark-core_*.jar")
                .Select(path => CoreJar().Match(Path.GetFileName(path)))
                .FirstOrDefault(match => match.Success)
            : null;
        return core is null
            ? throw new ReconciliationException(
                $"SPARK_HOME {home} has no jars/spark-core_SCALA-VERSION.jar.", ReconciliationFault.SparkNotFound)
            : (Version.Parse(core.Groups[2].Value), core.Groups[1].Value);
    }

    [GeneratedRegex(@"^spark-core_(\d+\.\d+)-(\d+\.\d+\.\d+)\.jar$")]
    private static partial Regex CoreJar();
}
