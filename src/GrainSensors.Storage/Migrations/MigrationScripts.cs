using System.Text;
using DbUp.Engine;

namespace GrainSensors.Storage.Migrations;

/// <summary>The SQL scripts embedded in the assembly.</summary>
internal static class MigrationScripts
{
    /// <summary>The table of applied migrations. The default name of DbUp could belong to another application.</summary>
    public const string Journal = "grainsensors_migrations";

    /// <param name="dialect">The folder under <c>sql/</c>.</param>
    /// <returns>The numbered scripts in order.</returns>
    public static IReadOnlyList<SqlScript> Of(string dialect) =>
    [
        .. typeof(MigrationScripts).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith($"{dialect}/", StringComparison.Ordinal) && char.IsAsciiDigit(name[dialect.Length + 1]))
            .Order(StringComparer.Ordinal)
            .Select(name => new SqlScript(name[(dialect.Length + 1)..], Read(name))),
    ];

    public static string Read(string name)
    {
        using var stream = typeof(MigrationScripts).Assembly.GetManifestResourceStream(name)
            ?? throw new ArgumentException($"The assembly has no SQL script \"{name}\".", nameof(name));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <returns>The step of a plan: <c>Run the migration 0001_windows.sql.</c></returns>
    public static string Describe(SqlScript script) => $"Run the migration {script.Name}.";
}
