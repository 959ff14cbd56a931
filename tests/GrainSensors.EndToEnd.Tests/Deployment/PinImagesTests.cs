using System.Diagnostics;
using System.Text.RegularExpressions;

namespace GrainSensors.EndToEnd.Tests.Deployment;

/// <summary>The script <c>deploy/pin-images.sh</c>, with a docker that knows a digest for every image.</summary>
public sealed class PinImagesTests : IDisposable
{
    private const string Script = "deploy/pin-images.sh";
    private static readonly string[] Files = ["docker-compose.yml", "deploy/spark/Dockerfile", "src/GrainSensors/Dockerfile"];
    private static readonly string Digest = $"sha256:{new string('a', 64)}";
    private readonly TemporaryDirectory _directory = new();

    public PinImagesTests() => Assert.All(Files.Append(Script), file =>
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_directory.File(file))!);
        File.WriteAllText(_directory.File(file), Regex.Replace(RepositoryFiles.Read(file), "@sha256:[0-9a-f]+", ""));
    });

    [Fact]
    public async Task Images_that_are_pulled_get_the_digest_of_their_registry()
    {
        var before = Files.Select(Read).ToList();
        Assert.Equal(0, (await PinAsync(Digest)).ExitCode);

        var pinned = Files.SelectMany(file => Images(Read(file))).ToList();
        Assert.Contains($"apache/kafka:{Version("apache/kafka")}@{Digest}", pinned);
        Assert.All(pinned, image => Assert.Equal(
            !image.StartsWith("grainsensors", StringComparison.Ordinal), image.EndsWith($"@{Digest}", StringComparison.Ordinal)));
        Assert.All(pinned, ImageName.AssertPinned);
        Assert.Equal(before, Files.Select(file => Read(file).Replace($"@{Digest}", "", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Digests_are_renewed()
    {
        await PinAsync(Digest);
        var renewed = $"sha256:{new string('b', 64)}";
        Assert.Equal(0, (await PinAsync(renewed)).ExitCode);
        Assert.All(Files, file => Assert.DoesNotContain(Digest, Read(file), StringComparison.Ordinal));
        Assert.All(Files, file => Assert.Contains(renewed, Read(file), StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_answer_that_is_no_digest_is_refused_and_nothing_is_changed()
    {
        var before = Files.Select(Read).ToList();
        var (exitCode, errors) = await PinAsync("<no value>");
        Assert.Equal(1, exitCode);
        Assert.Contains("got \"<no value>\"", errors, StringComparison.Ordinal);
        Assert.Equal(before, Files.Select(Read));
    }

    public void Dispose() => _directory.Dispose();

    private static IEnumerable<string> Images(string text) => Regex
        .Matches(text, @"^(?: *image:|FROM(?: --platform=\S+)?) +(\S+)", RegexOptions.Multiline)
        .Select(match => match.Groups[1].Value);

    private string Version(string repository) => Regex.Match(Read("docker-compose.yml"), $@"{repository}:([^@\s]+)").Groups[1].Value;

    private string Read(string file) => File.ReadAllText(_directory.File(file));

    private async Task<(int ExitCode, string Errors)> PinAsync(string digest)
    {
        var docker = _directory.File("docker");
        await File.WriteAllTextAsync(docker, $"#!/bin/sh\necho '{digest}'\n");
#pragma warning disable CA1416 // The tests start Unix servers and shells.
        File.SetUnixFileMode(docker, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
#pragma warning restore CA1416
        var start = new ProcessStartInfo("bash", [_directory.File(Script)]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{_directory.Path}:{Environment.GetEnvironmentVariable("PATH")}";
        using var script = Process.Start(start)!;
        var output = script.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = await script.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await output;
        await script.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (script.ExitCode, errors);
    }
}
