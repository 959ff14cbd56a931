using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary><c>run</c> with a store that cannot be written: it says so while it runs, and ends with 2.</summary>
[Trait("Category", "System")]
public sealed partial class RunLossCommandTests : IAsyncDisposable
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(30) };

    private static readonly Dictionary<string, string> Environment = new()
    {
        ["GrainSensors__CheckpointInterval"] = "00:00:01",
    };

    private readonly TemporaryDirectory _folder = new();
    private bool _isMounted;

    private string Store => _folder.File("disk/a.db");

    public async ValueTask DisposeAsync()
    {
        if (_isMounted)
        {
            await MountAsync("umount", "-l", _folder.File("disk"));
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task A_full_disk_makes_the_silo_not_ready_until_there_is_space_and_a_stop_in_it_ends_with_2()
    {
        Directory.CreateDirectory(_folder.File("disk"));
        _isMounted = await MountAsync("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", _folder.File("disk"));
        Assert.SkipUnless(_isMounted, "A small file system cannot be mounted here.");
        await using var run = Start();
        await UntilAsync(run, () => ReadyAsync(run, HttpStatusCode.OK));
        Fill();
        await UntilAsync(run, () => ReadyAsync(run, HttpStatusCode.ServiceUnavailable));
        Assert.Contains($"sqlite:{Store} has no space left", await GetAsync(run, "health/ready"), StringComparison.Ordinal);
        await UntilAsync(run, async () =>
        {
            // The console knows the cluster while somebody looks at the fleet.
            await GetAsync(run, "");
            return (await GetAsync(run, "alerts")).Contains("Windows are not written since ", StringComparison.Ordinal);
        });
        Assert.Contains(run.Output, line => line.Contains($"sqlite:{Store} has no space left", StringComparison.Ordinal));

        File.Delete(_folder.File("disk/fill"));
        await UntilAsync(run, () => ReadyAsync(run, HttpStatusCode.OK));
        await UntilAsync(run, async () => !(await GetAsync(run, "alerts")).Contains("Windows are not written", StringComparison.Ordinal));
        Fill();
        await UntilAsync(run, () => Task.FromResult(run.Output[^1].Contains("no space left", StringComparison.Ordinal)));
        await AssertLossAsync(run, "has no space left");
    }

    [Theory]
    [InlineData("DROP TABLE checkpoints", "has no tables yet")]
    [InlineData("UPDATE windows SET marks = substr(marks, 1, 5)", "")]
    public async Task A_store_that_is_damaged_is_named_and_the_run_ends_with_2(string damage, string reason)
    {
        await using (var first = Start())
        {
            await UntilAsync(first, () => Task.FromResult(first.Output.Any(line => Readings().IsMatch(line))));
            await first.SignalAsync("TERM");
            var end = await first.ExitAsync();
            Assert.True(end.ExitCode == 0, end.ToString());
        }

        await using (var connection = new SqliteConnection($"Data Source={Store};Pooling=False"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = damage;
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        await using var run = Start();
        await UntilAsync(
            run, () => Task.FromResult(run.Output.Count > 0 && run.Output[^1].Contains("The window store", StringComparison.Ordinal)));
        await AssertLossAsync(run, reason);
    }

    private static async Task AssertLossAsync(Executable run, string reason)
    {
        await run.SignalAsync("TERM");
        var end = await run.ExitAsync();
        Assert.True(end.ExitCode == 2, end.ToString());
        Assert.Matches(
            "Stopped. The last ([0-9,]+ )?readings could not be written to sqlite:.* and are lost with the embedded broker.", end.Error);
        Assert.Contains(reason, end.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("All readings are in the store", end.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", end.Error, StringComparison.Ordinal);
    }

    private Executable Start() => Executable.StartWith(
        Environment, "run", "--empty", "--sensors", "20", "--store", $"sqlite:{Store}", "--http-port", "0", "--period", "P1D");

    private void Fill()
    {
        using var file = File.Create(_folder.File("disk/fill"));
        var block = new byte[4096];
        try
        {
            while (true)
            {
                file.Write(block);
                file.Flush();
            }
        }
        catch (IOException)
        {
            // The disk is full.
        }
    }

    private static Task UntilAsync(Executable run, Func<Task<bool>> condition) =>
        Until.Async(condition, () => string.Join('\n', run.Output.Concat(run.Errors).TakeLast(40)), TimeSpan.FromSeconds(90));

    private static async Task<bool> ReadyAsync(Executable run, HttpStatusCode expected)
    {
        if (Page(run) is not { } page)
        {
            return false;
        }

        using var answer = await Http.GetAsync(new Uri($"{page}health/ready"));
        return answer.StatusCode == expected;
    }

    private static async Task<string> GetAsync(Executable run, string path)
    {
        using var answer = await Http.GetAsync(new Uri($"{Page(run)}{path}"));
        return await answer.Content.ReadAsStringAsync();
    }

    private static string? Page(Executable run) =>
        run.Output.Select(line => PageLine().Match(line)).FirstOrDefault(match => match.Success)?.Groups[1].Value;

    private static async Task<bool> MountAsync(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    [GeneratedRegex(@"^Console +(http://[0-9.:]+/)")]
    private static partial Regex PageLine();

    [GeneratedRegex(@"  [1-9][0-9,]* readings ")]
    private static partial Regex Readings();
}
