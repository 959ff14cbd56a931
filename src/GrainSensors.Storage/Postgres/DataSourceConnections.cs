using DbUp.Engine.Transactions;
using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>
/// Gives DbUp the data source of the store, which may have settings beyond its connection string, such as a password provider.
/// </summary>
internal sealed class DataSourceConnections(NpgsqlDataSource dataSource)
    : DatabaseConnectionManager(_ => dataSource.CreateConnection())
{
    /// <summary>PostgreSQL runs a script of several statements as one command.</summary>
    public override IEnumerable<string> SplitScriptIntoCommands(string scriptContents) => [scriptContents];
}
