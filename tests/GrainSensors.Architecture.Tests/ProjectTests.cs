using System.Xml.Linq;
using GrainSensors.Architecture.Tests.Dependencies;
using GrainSensors.Architecture.Tests.Sources;

namespace GrainSensors.Architecture.Tests;

/// <summary>The floors of the house: which project may use which.</summary>
public sealed class ProjectTests
{
    private const string SparkJob = "src/GrainSensors.Reconciliation.Spark/";

    private static readonly Dictionary<string, string[]> Floors = new()
    {
        ["GrainSensors"] =
        [
            "GrainSensors.Web", "GrainSensors.Hosting", "GrainSensors.Contacts", "GrainSensors.Mqtt", "GrainSensors.Ingest",
            "GrainSensors.Grains",
            "GrainSensors.Reconciliation", "GrainSensors.Sources", "GrainSensors.Storage", "GrainSensors.Contracts", "GrainSensors.Core",
            "Orleans.Streaming.Kafka",
        ],
        ["GrainSensors.Web"] =
        [
            "GrainSensors.Hosting", "GrainSensors.Contacts", "GrainSensors.Ingest", "GrainSensors.Grains",
            "GrainSensors.Reconciliation", "GrainSensors.Sources", "GrainSensors.Storage", "GrainSensors.Contracts", "GrainSensors.Core",
        ],
        ["GrainSensors.Hosting"] =
        [
            "GrainSensors.Contacts", "GrainSensors.Mqtt", "GrainSensors.Ingest", "GrainSensors.Grains",
            "GrainSensors.Sources", "GrainSensors.Storage", "GrainSensors.Contracts", "GrainSensors.Core", "Orleans.Streaming.Kafka",
        ],
        ["GrainSensors.Contacts"] = ["GrainSensors.Grains", "GrainSensors.Storage", "GrainSensors.Core"],
        ["GrainSensors.Mqtt"] =
            ["GrainSensors.Ingest", "GrainSensors.Sources", "GrainSensors.Storage", "GrainSensors.Core", "Orleans.Streaming.Kafka"],
        ["GrainSensors.Ingest"] =
            ["GrainSensors.Sources", "GrainSensors.Storage", "GrainSensors.Contracts", "GrainSensors.Core", "Orleans.Streaming.Kafka"],
        ["GrainSensors.Grains"] = ["GrainSensors.Storage", "GrainSensors.Contracts", "GrainSensors.Core"],
        ["GrainSensors.Reconciliation"] = ["GrainSensors.Sources", "GrainSensors.Storage", "GrainSensors.Core", "Orleans.Streaming.Kafka"],
        // Runs inside of Spark, without the other assemblies: it links the sources that it shares.
        ["GrainSensors.Reconciliation.Spark"] = ["GrainSensors.Reconciliation", "GrainSensors.Core"],
        ["GrainSensors.Sources"] = ["GrainSensors.Core", "SchemaRegistry.Serialization"],
        ["GrainSensors.Storage"] = ["GrainSensors.Core"],
        ["GrainSensors.Contracts"] = ["GrainSensors.Core"],
        ["GrainSensors.Core"] = [],
        ["Orleans.Streaming.Kafka"] = [],
        ["Orleans.Streaming.Kafka.SchemaRegistry"] = ["Orleans.Streaming.Kafka", "SchemaRegistry.Serialization"],
        ["SchemaRegistry.Serialization"] = [],
    };

    [Fact]
    public void Every_project_has_a_floor() =>
        Assert.Equal(
            Floors.Keys.Order(StringComparer.Ordinal),
            Repository.Files("src", ".csproj").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal));

    [Fact]
    public void Sources_use_only_the_floors_below()
    {
        var forbidden = ArrowReader.Source.Arrows
            .Where(arrow => !IsAllowed(ProjectMap.Source.ProjectOf(arrow.From), ProjectMap.Source.ProjectOf(arrow.To)))
            .GroupBy(arrow => (arrow.From, arrow.To))
            .Select(pair => $"{pair.Key.From} -> {pair.Key.To}: {string.Join(", ", pair.Select(arrow => arrow.Symbol))}");
        Offenders.AssertNone("uses a project that is not below its own", forbidden);
    }

    [Fact]
    public void Project_files_reference_only_the_floors_below()
    {
        var forbidden =
            from file in Repository.Files("src", ".csproj")
            from reference in XDocument.Parse(Repository.Read(file)).Descendants("ProjectReference")
            let target = Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'))
            where !IsAllowed(Path.GetFileNameWithoutExtension(file), target)
            select $"{file} -> {target}";
        Offenders.AssertNone("references a project that is not below its own", forbidden);
    }

    /// <summary>A name that does not resolve would hide an arrow. Spark's package is not on every registry.</summary>
    [Fact]
    public void Every_name_in_the_sources_resolves() =>
        Offenders.AssertNone(
            "does not resolve",
            ArrowReader.Source.Unresolved.Where(name => !name.StartsWith(SparkJob, StringComparison.Ordinal)));

    private static bool IsAllowed(string from, string to) =>
        from == to || (Floors.TryGetValue(from, out var below) && below.Contains(to));
}
