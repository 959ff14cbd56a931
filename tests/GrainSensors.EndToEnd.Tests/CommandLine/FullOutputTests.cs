using System.Diagnostics;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>Commands whose output nobody can take.</summary>
[Trait("Category", "System")]
public sealed class FullOutputTests
{
    [Theory]
    [InlineData("key > /dev/full")]
    [InlineData("key --json > /dev/full")]
    [InlineData("--help > /dev/full")]
    [InlineData("key >&-")]
    public async Task A_full_or_closed_standard_output_is_one_sentence_and_exit_code_2(string command)
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "Only Linux has /dev/full.");
        var start = new ProcessStartInfo("bash", ["-c", $"exec dotnet '{Executable.Assembly}' {command}"]) { RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        new Executable.Result(process.ExitCode, "", errors).AssertCouldNotRun("The output cannot be written: ");
    }
}
