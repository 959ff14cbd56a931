using System.Reflection;
using DbUp.Engine;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Migrations;

/// <summary>Judges by the migrations that a store has run whether this program can use it.</summary>
/// <remarks>
/// A newer program may have run migrations that this program does not know. The journal has the oldest program that can use the
/// store after each migration. A migration without this record is one of a program that was stopped right after it.
/// </remarks>
internal static class MigrationJournal
{
    public const string OldestProgramColumn = "oldest_program";

    private const string OldestProgramLine = "-- oldest-program:";

    /// <summary>The version of this program, without the commit.</summary>
    private static readonly string Program = typeof(MigrationJournal).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+', '-')[0];

    /// <returns>
    /// The oldest program that can use a store after the script: its line <c>-- oldest-program: 0.1.0</c>, or else this program.
    /// </returns>
    public static string OldestProgram(SqlScript script) => script.Contents.Split('\n')
        .Where(line => line.StartsWith(OldestProgramLine, StringComparison.Ordinal))
        .Select(line => line[OldestProgramLine.Length..].Trim())
        .FirstOrDefault(Program);

    /// <param name="store">The name of the store in messages.</param>
    /// <param name="ran">The migrations that the store has run, and the oldest program that each of them allows.</param>
    /// <param name="known">The migrations of this program.</param>
    /// <exception cref="WindowStoreUnavailableException">A migration requires a newer program.</exception>
    public static void Check(string store, IEnumerable<(string Script, string? OldestProgram)> ran, IEnumerable<SqlScript> known)
    {
        var names = known.Select(script => script.Name).ToHashSet();
        foreach (var (script, oldest) in ran.Where(migration => !names.Contains(migration.Script)))
        {
            if (oldest is null)
            {
                throw new WindowStoreUnavailableException(
                    $"The window store {store} has run the migration {script}, which grainsensors {Program} does not know; "
                    + "use the version that ran it, or a newer one.");
            }

            if (!Version.TryParse(oldest, out var version) || version > Version.Parse(Program))
            {
                throw new WindowStoreUnavailableException(
                    $"The window store {store} requires grainsensors {oldest} or later since the migration {script}; this is {Program}.");
            }
        }
    }
}
