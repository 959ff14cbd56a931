using DbUp.Engine.Transactions;
using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>Lets DbUp use the store's data source, which may carry what no connection string does, such as a password callback.</summary>
internal sealed class DataSourceConnections(NpgsqlDataSource dataSource)
    : DatabaseConnectionManager(_ => dataSource.CreateConnection())
{
    /// <summary>PostgreSQL takes a script of several statements as it is.</summary>
    public override IEnumerable<string> SplitScriptIntoCommands(string scriptContents) => [scriptContents];
}
