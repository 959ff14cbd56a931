using System.Text.RegularExpressions;
using System.Xml.Linq;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.EndToEnd.Tests.Deployment;

/// <summary>The Dockerfile of the silo fits the projects and the options.</summary>
public sealed class DockerfileTests
{
    private const string Silo = "src/GrainSensors/GrainSensors.csproj";

    private readonly List<Instruction> _instructions = [.. Regex
        .Matches(RepositoryFiles.Read("src/GrainSensors/Dockerfile"), @"^([A-Z]+) (.+)$", RegexOptions.Multiline)
        .Select(m => new Instruction(m.Groups[1].Value, m.Groups[2].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];

    /// <summary>From the second image on: what runs.</summary>
    private IEnumerable<Instruction> Runtime => _instructions.Skip(_instructions.FindLastIndex(i => i.Name == "FROM"));

    private IEnumerable<Instruction> FromContext => _instructions
        .Where(i => i.Name == "COPY" && !i.Arguments[0].StartsWith("--from", StringComparison.Ordinal));

    [Fact]
    public void Restores_with_every_project_that_the_silo_refers_to()
    {
        var restore = _instructions.FindIndex(i => i.Name == "RUN" && i.Arguments[1] == "restore");
        var copied = _instructions.Take(restore).Where(i => i.Name == "COPY").SelectMany(i => i.Sources).ToHashSet();
        var projects = WithReferences(Silo).ToHashSet();
        Assert.True(projects.Count > 1);
        Assert.Superset(projects, copied);
        Assert.Superset(new[] { "global.json", "Directory.Build.props", "Directory.Packages.props" }.ToHashSet(), copied);
        Assert.All(copied.Where(c => c.EndsWith(".csproj", StringComparison.Ordinal)), project => Assert.Contains(project, projects));
    }

    [Fact]
    public void Puts_each_project_and_its_lock_file_where_its_references_look_for_it() =>
        Assert.All(FromContext.Where(i => i.Sources.Any(s => s.EndsWith(".csproj", StringComparison.Ordinal))), copy =>
        {
            var folder = Path.GetDirectoryName(copy.Arguments[1]);
            Assert.Equal([$"{folder}/{Path.GetFileName(copy.Arguments[0])}", $"{folder}/packages.lock.json"], copy.Sources);
            Assert.Equal($"{folder}/", copy.Arguments[^1]);
        });

    [Fact]
    public void Refuses_packages_that_differ_from_the_lock_files() => Assert.Contains(_instructions, i =>
        i.Name == "RUN" && string.Join(' ', i.Arguments) is var command
        && command.StartsWith("dotnet restore src/GrainSensors --locked-mode && ", StringComparison.Ordinal));

    [Fact]
    public void Copies_only_what_exists_and_is_sent_to_the_build()
    {
        var sent = RepositoryFiles.Read(".dockerignore").Split('\n').Where(l => l.StartsWith('!')).Select(l => l[1..]).ToList();
        Assert.Contains("\n*\n", RepositoryFiles.Read(".dockerignore"), StringComparison.Ordinal);
        Assert.All(FromContext.SelectMany(i => i.Sources), source =>
        {
            Assert.True(RepositoryFiles.Exists(source), $"{source} does not exist.");
            Assert.Contains(source.Split('/')[0], sent);
        });
    }

    [Fact]
    public void Copies_what_the_projects_embed()
    {
        var embedded = WithReferences(Silo)
            .SelectMany(p => XDocument.Load(RepositoryFiles.PathOf(p))
                .Descendants("EmbeddedResource")
                .Select(e => Resolve(p, e.Attribute("Include")!.Value)))
            .Select(path => path.Split('/')[0]).ToHashSet();
        Assert.NotEmpty(embedded);
        Assert.Superset(embedded, FromContext.SelectMany(i => i.Sources).ToHashSet());
    }

    [Fact]
    public void Builds_on_images_of_one_version_that_fit_the_target_framework()
    {
        var images = _instructions
            .Where(i => i.Name == "FROM")
            .Select(i => i.Arguments.First(a => !a.StartsWith("--", StringComparison.Ordinal)))
            .ToList();
        Assert.Equal(2, images.Count);
        Assert.All(images, ImageName.AssertPinned);
        var properties = RepositoryFiles.Read("Directory.Build.props");
        var framework = Regex.Match(properties, "<TargetFramework>net(.+)</TargetFramework>").Groups[1].Value;
        // What is loaded of librdkafka needs glibc, and the health check a shell.
        Assert.Equal(
            [$"mcr.microsoft.com/dotnet/sdk:{framework}-noble", $"mcr.microsoft.com/dotnet/aspnet:{framework}-noble"],
            images.Select(i => i.Split('@')[0]));
    }

    [Fact]
    public void Does_not_run_as_root() => Assert.Equal("$APP_UID", Assert.Single(Assert.Single(Runtime, i => i.Name == "USER").Arguments));

    [Fact]
    public void Exposes_the_ports_of_a_silo()
    {
        int[] ports = [HttpOptions.DefaultPort, MemberOptions.DefaultSiloPort, MemberOptions.DefaultGatewayPort];
        Assert.Equal(ports.Select(p => $"{p}"), Assert.Single(Runtime, i => i.Name == "EXPOSE").Arguments);
    }

    [Fact]
    public void Runs_the_executable_as_a_silo_and_lets_it_have_the_signals()
    {
        // A shell in between would keep SIGTERM to itself.
        var name = XDocument.Load(RepositoryFiles.PathOf(Silo)).Descendants("AssemblyName").Single().Value;
        Assert.Equal($"[\"/app/{name}\"]", Assert.Single(Assert.Single(Runtime, i => i.Name == "ENTRYPOINT").Arguments));
        Assert.Equal("[\"silo\"]", Assert.Single(Assert.Single(Runtime, i => i.Name == "CMD").Arguments));
    }

    private static IEnumerable<string> WithReferences(string project) => XDocument.Load(RepositoryFiles.PathOf(project))
        .Descendants("ProjectReference")
        .SelectMany(r => WithReferences(Resolve(project, r.Attribute("Include")!.Value)))
        .Prepend(project);

    private static string Resolve(string project, string include) =>
        Path.GetRelativePath(RepositoryFiles.Root, Path.GetFullPath(Path.Combine(RepositoryFiles.PathOf(project), "..", include)));

    private sealed record Instruction(string Name, string[] Arguments)
    {
        public IEnumerable<string> Sources => Arguments[..^1].Where(a => !a.StartsWith("--", StringComparison.Ordinal));
    }
}
