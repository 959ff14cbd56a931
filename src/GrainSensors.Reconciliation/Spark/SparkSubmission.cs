using System.Text.RegularExpressions;
using GrainSensors.Reconciliation.Model;

namespace GrainSensors.Reconciliation.Spark;

/// <summary>Everything that <c>spark-submit</c> is called with, found and checked before the run begins.</summary>
/// <param name="Program">The path of <c>spark-submit</c>.</param>
/// <param name="Packages">Maven coordinates, to be downloaded.</param>
/// <param name="Jars">Files that are here.</param>
/// <param name="DotnetJar">The bridge between Spark and .NET.</param>
/// <param name="Job">The assembly of the job.</param>
public sealed partial record SparkSubmission(
    string Program, string Master, IReadOnlyList<string> Packages, IReadOnlyList<string> Jars, string DotnetJar, string Job)
{
    private const string JobName = "GrainSensors.Reconciliation.Spark.dll";
    private const string DefaultDriver = "org.postgresql:postgresql:42.7.4";
    private const string Bridge = "2.3.0";

    private const string HowToBuild =
        "dotnet publish src/GrainSensors.Reconciliation.Spark -c Release -p:UseSpark=true -o FOLDER builds it where the package Microsoft.Spark can be had";

    /// <exception cref="ReconciliationException">Something is missing; it says what, and how to get it.</exception>
    public static SparkSubmission Locate(SparkOptions options)
    {
        var home = options.Home ?? Environment.GetEnvironmentVariable("SPARK_HOME");
        if (string.IsNullOrEmpty(home))
        {
            throw new ReconciliationException("--engine spark needs a Spark: set SPARK_HOME to an installation, or use --engine local.");
        }

        var program = Path.Combine(home, "bin", "spark-submit");
        if (!File.Exists(program))
        {
            throw new ReconciliationException($"SPARK_HOME {home} has no bin/spark-submit; name the folder of a Spark installation, or use --engine local.");
        }

        var (spark, scala) = VersionOf(home);
        var folder = options.Job ?? Path.Combine(AppContext.BaseDirectory, "spark");
        var job = Path.Combine(folder, JobName);
        if (!File.Exists(job))
        {
            throw new ReconciliationException(
                $"{folder} has no {JobName}: this build is without Spark; {HowToBuild}, then name it with --spark-job FOLDER, or use --engine local.");
        }

        var jar = options.DotnetJar ?? Path.Combine(folder, $"microsoft-spark-{spark.Major}-{spark.Minor}_{scala}-{Bridge}.jar");
        if (!File.Exists(jar))
        {
            throw new ReconciliationException(
                $"There is no {jar}, the bridge from Spark {spark} to .NET; the package Microsoft.Spark {Bridge} has one for Spark 2.4 and 3.0 to 3.5, others are named with --spark-dotnet-jar PATH.");
        }

        var (packages, jars) = (new List<string>(), new List<string>());
        Sort(options.KafkaPackage ?? $"org.apache.spark:spark-sql-kafka-0-10_{scala}:{spark}", "--spark-kafka", packages, jars);
        Sort(options.PostgresDriver ?? DefaultDriver, "--spark-postgres", packages, jars);
        return new(program, options.Master, packages, jars, jar, job);
    }

    /// <param name="optionsFile">The options of the job.</param>
    /// <returns>The arguments of <c>spark-submit</c>. Nothing of them is a secret.</returns>
    public IReadOnlyList<string> Arguments(string optionsFile)
    {
        // The driver runs here, since the options of the job are a file of this machine.
        List<string> arguments =
        [
            "--class", "org.apache.spark.deploy.dotnet.DotnetRunner", "--master", Master, "--deploy-mode", "client", "--name", "grainsensors-reconcile",
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

    /// <summary>Maven coordinates have colons and no folders; whatever ends in .jar or has a slash is a file.</summary>
    private static void Sort(string given, string option, List<string> packages, List<string> jars)
    {
        foreach (var part in given.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!part.EndsWith(".jar", StringComparison.OrdinalIgnoreCase) && !part.Contains('/', StringComparison.Ordinal))
            {
                packages.Add(part);
                continue;
            }

            jars.Add(File.Exists(part) ? part : throw new ReconciliationException($"{option} names {part}, which is no file; give the path of a jar, or Maven coordinates."));
        }
    }

    /// <summary>By the name of the jar that every installation has.</summary>
    private static (Version Spark, string Scala) VersionOf(string home)
    {
        var jars = Path.Combine(home, "jars");
        var core = Directory.Exists(jars)
            ? Directory.GetFiles(jars, "spark-core_*.jar").Select(path => CoreJar().Match(Path.GetFileName(path))).FirstOrDefault(match => match.Success)
            : null;
        return core is null
            ? throw new ReconciliationException($"SPARK_HOME {home} has no jars/spark-core_SCALA-VERSION.jar; name the folder of a Spark installation, or use --engine local.")
            : (Version.Parse(core.Groups[2].Value), core.Groups[1].Value);
    }

    [GeneratedRegex(@"^spark-core_(\d+\.\d+)-(\d+\.\d+\.\d+)\.jar$")]
    private static partial Regex CoreJar();
}
