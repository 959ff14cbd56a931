using DuckDB.NET.Data;
using GrainSensors.Reconciliation.Model;
using Npgsql;

namespace GrainSensors.Reconciliation;

/// <summary>Describes the failure of an engine for a person.</summary>
internal static class EngineFailure
{
    /// <returns>The exception for the caller; null if the original one already describes the failure.</returns>
    public static ReconciliationException? Describe(Exception e) => e switch
    {
        DuckDBException => new($"The local engine failed: {OneLine(e.Message)}.", ReconciliationFault.LocalEngineFailed, e),
        NpgsqlException => new($"The staging tables could not be read: {OneLine(e.Message)}.", e),
        _ => null,
    };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").TrimEnd('.');
}
