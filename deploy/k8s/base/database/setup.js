// Makes a MongoDB server a replica set of one, and the users that `libranet deployment secrets` wrote down.
// Run by mongosh as the operator; may be run again, after a change of passwords too.
const fs = require("fs");

const users = JSON.parse(fs.readFileSync("/run/secrets/users.json", "utf8"));
const operator = users.find((each) => each.user === "operator");

// Its own client, because nothing else may be asked before the replica set has a primary.
const server = new Mongo("mongodb://database:27017/?directConnection=true");
const admin = server.getDB("admin");
admin.auth(operator.user, operator.pwd);

const NOT_YET_INITIALIZED = 94;
try {
  admin.adminCommand({ replSetGetStatus: 1 });
} catch (error) {
  if (error.code !== NOT_YET_INITIALIZED) throw error;
  admin.adminCommand({ replSetInitiate: { _id: "libranet", members: [{ _id: 0, host: "database:27017" }] } });
}
while (!admin.hello().isWritablePrimary) sleep(500);

for (const each of users.filter((found) => found !== operator)) {
  const told = { pwd: each.pwd, roles: each.roles };
  if (admin.getUser(each.user)) admin.updateUser(each.user, told);
  else admin.createUser({ user: each.user, ...told });
}
print(`The replica set has a primary and ${users.length} users.`);
